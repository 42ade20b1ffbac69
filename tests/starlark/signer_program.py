"""Signs nothing: what its target brings along is looked at, and it is never run."""

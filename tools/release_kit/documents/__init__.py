"""Documents: the versioned JSON files between Starlark and Python, as immutable values."""

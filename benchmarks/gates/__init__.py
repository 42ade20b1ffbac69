"""Chart gates beside the commands that they replace."""

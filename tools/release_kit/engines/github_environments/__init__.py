"""The environments at GitHub, held to those that are declared."""

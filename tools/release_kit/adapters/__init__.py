"""Adapters: how the outside is spoken to, one module or package for each."""

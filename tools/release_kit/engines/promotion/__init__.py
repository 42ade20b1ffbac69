"""Promotion: which release may move on to which environment, and what it waits for."""

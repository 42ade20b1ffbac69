"""Promotions played through before they happen: a scenario, a clock of its own, and a real git repository."""

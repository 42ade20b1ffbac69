"""What a rule of the validation is."""

from typing import NamedTuple


class Rule(NamedTuple):
    """One rule."""

    name: str
    finds: str
    why: str
    source: str
    remedy: str

"""Keys that stand twice in one mapping: readers differ in which of them counts."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from yaml import tokens as yaml_tokens

from release_kit.engines.gates.chart_rules.style_tokens import Piece, Problem

_MAPPING = (yaml_tokens.BlockMappingStartToken, yaml_tokens.FlowMappingStartToken)
_SEQUENCE = (yaml_tokens.BlockSequenceStartToken, yaml_tokens.FlowSequenceStartToken)
_END = (yaml_tokens.BlockEndToken, yaml_tokens.FlowMappingEndToken, yaml_tokens.FlowSequenceEndToken)
_MERGE = "<<"


def check(pieces: Sequence[Piece]) -> Iterator[Problem]:
    """Yields keys that their mapping has already."""
    seen: list[dict[str, int] | None] = []
    for piece, after in pairwise(pieces):
        kind = piece.kind
        if kind is yaml_tokens.KeyToken:
            if seen and seen[-1] is not None and after.kind is yaml_tokens.ScalarToken:
                yield from _key(seen[-1], after)
        elif kind in _MAPPING:
            seen.append({})
        elif kind in _SEQUENCE:
            seen.append(None)
        elif kind in _END and seen:
            seen.pop()


def _key(seen: dict[str, int], piece: Piece) -> Iterator[Problem]:
    name, line = piece.token.value, piece.line + 1
    if name not in seen:
        seen[name] = line
    elif name != _MERGE:
        yield Problem(line, "key-duplicates", f"the key {name!r:.80} is already in line {seen[name]}")

"""The style of YAML that `ct lint` asks for: yamllint's rules, with the settings that ct ships.

Rules and names are yamllint's, so its documentation and its comments (`# yamllint disable-line rule:colons`) hold here.
"""

from release_kit.engines.gates.chart_rules import (
    style_comments,
    style_indentation,
    style_keys,
    style_lines,
    style_spacing,
    style_switches,
)
from release_kit.engines.gates.chart_rules.style_tokens import Problem, scan


def problems(text: str) -> list[Problem]:
    """Returns what the rules find in a file, by line; of what is no YAML, only what a line alone shows."""
    if style_switches.is_off(text):
        return []
    pieces, error = scan(text)
    places = style_comments.gaps(text, pieces)
    found = [
        *style_lines.check(text),
        *style_spacing.check(pieces),
        *([error] if error else style_spacing.check_tabs(text, pieces)),
        *style_keys.check(pieces),
        *style_indentation.check(pieces),
        *style_comments.check(text, places),
    ]
    return list(style_switches.left_on(found, text, places))

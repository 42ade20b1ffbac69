"""Which texts YAML 1.1 takes for something else, as go-yaml 2 does: they are quoted."""

import calendar
import re

_WORDS = {
    form
    for word in ("y", "yes", "true", "on", "n", "no", "false", "off", "null", "~", "")
    for form in (word, word.capitalize(), word.upper())
}
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_INTEGER = re.compile(r"([-+]?)(0[bB][01]+|0[oO][0-7]+|0[0-7]*|0[xX][0-9a-fA-F]+|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_CLOCK = r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?"
_TIMESTAMP = re.compile(
    rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}})(?:[Tt]{_CLOCK}(?:Z|[-+](\d\d):(\d\d))|\x20{_CLOCK})?", re.ASCII
)


def reads_as_text(value: str) -> bool:
    """Tells whether a plain scalar is a text, and neither boolean nor null, number or time."""
    if value in _WORDS or _SPECIAL_FLOAT.fullmatch(value) or _BASE_60.fullmatch(value) or _is_time(value):
        return False
    if value[0] == ".":
        return not _is_float(value)
    plain = value.replace("_", "")
    return value[0] not in "+-0123456789" or not (_is_integer(plain) or _is_float(plain))


def _is_integer(text: str) -> bool:
    """Tells whether it is an integer of at most 64 bits."""
    match = _INTEGER.fullmatch(text)
    if match is None:
        return False
    sign, digits = match.groups()
    base = {"0x": 16, "0b": 2}.get(digits[:2].lower(), 8 if digits[0] == "0" else 10)
    number = int(digits.lower().replace("o", ""), base)
    return number <= 1 << 63 if sign == "-" else number < 1 << (63 if sign else 64)


def _is_float(text: str) -> bool:
    """Tells whether it is a floating-point number that 64 bits can hold."""
    return _FLOAT.fullmatch(text) is not None and float(text) != float("inf") and float(text) != -float("inf")


def _is_time(text: str) -> bool:
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return False
    numbers = [int(group or "0") for group in match.groups()]
    year, month, day, *clocks = numbers
    return (
        1 <= month <= 12
        and 1 <= day <= calendar.monthrange(year or 4, month)[1]
        and max(clocks[0], clocks[5]) < 24
        and max(clocks[1], clocks[2], clocks[6], clocks[7]) < 60
        and clocks[3] <= 24
        and clocks[4] <= 60
    )

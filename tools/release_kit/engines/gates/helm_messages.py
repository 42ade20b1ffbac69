"""What helm says of a chart: which file and line it means."""

import re
from typing import NamedTuple

_LINT = re.compile(r"^\[(?P<level>ERROR|WARNING)\] (?:(?P<file>[^\s:][^:]*): )?(?P<message>.*)$")
_PLACES = (
    # template: shop/templates/core.yaml:12:5: executing ...
    re.compile(r"(?P<file>[\w.-]+/(?:charts/[\w.-]+/)*templates/[^\s:()]+):(?P<line>\d+)"),
    # YAML parse error on shop/templates/core.yaml: error converting YAML to JSON: yaml: line 12: ...
    re.compile(r"(?:parse error on|error on) (?P<file>[\w.-]+/(?:charts/[\w.-]+/)*templates/[^\s:]+)"),
)
_MISSING_VALUE = re.compile(
    r"execution error at \((?P<file>[^:)]+):(?P<line>\d+)(?::\d+)?\): (?P<message>.*)", re.DOTALL
)
_CALL = re.compile(r"error calling \w+:\s*")
_EXECUTING = re.compile(r"^(?:template: )?[\w./-]+:\d+:\d+:?\s+executing \"[^\"]*\"\s+")
_NOISE = re.compile(r"^(?:Error|template(?=: no )|level=\w+|WARN(?:ING)?\b|walk\.go|coalesce\.go).*?:\s*")


class Said(NamedTuple):
    """One thing that helm said, with the file of the chart and the line that it means, if it does."""

    message: str
    file: str = ""
    line: int = 0


def lint(text: str) -> list[Said]:
    """Returns the errors and warnings of `helm lint`; what goes on over several lines is one of them."""
    found: list[str] = []
    going_on = False
    for line in text.splitlines():
        if line.startswith("[") and (match := _LINT.match(line)):
            found.append(line)
            going_on = bool(match)
        elif line.startswith(("[INFO]", "==>", "Error:")) or not line.strip():
            going_on = False
        elif going_on:
            found[-1] += f"\n{line}"
    return [_linted(entry) for entry in found]


def _linted(entry: str) -> Said:
    first, _, rest = entry.partition("\n")
    match = _LINT.match(first)
    assert match
    said = template("\n".join(filter(None, (match["message"], rest))))
    file = match["file"] or ""
    return said if said.file else said._replace(file=file.rstrip("/") if "." in file else "")


def template(error: str) -> Said:
    """Returns what `helm template` failed for."""
    wanted = _MISSING_VALUE.search(error)
    if wanted:
        return Said(_short(wanted["message"]).strip(), _in_chart(wanted["file"]), int(wanted["line"]))
    message = error.strip()
    for pattern in _PLACES:
        places = list(pattern.finditer(message))
        if places:
            # The last template named is the one that failed, the others called it.
            place = places[-1]
            line = place.groupdict().get("line")
            return Said(_short(message), _in_chart(place["file"]), int(line) if line else 0)
    return Said(_short(message))


def _in_chart(file: str) -> str:
    """Takes the name of the chart away."""
    return file.partition("/")[2]


def _short(message: str) -> str:
    """Leaves out who called the template that failed, and what is no error."""
    lines = [line.strip() for line in message.splitlines() if line.strip() and not line.startswith("Use --debug")]
    cause = _CALL.split(" ".join(lines) if _CALL.search(message) else "\n".join(lines))[-1]
    return _EXECUTING.sub("", _NOISE.sub("", cause)).strip()

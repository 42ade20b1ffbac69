"""The timeline as one SVG file that needs nothing else, in light and in dark."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from release_kit.documents.scenario_words import shown_duration
from release_kit.engines.simulation.lanes import LEFT, Bar, Drawing, Lane, Mark, drawing, fitting
from release_kit.engines.simulation.player import Result
from release_kit.engines.simulation.timeline import Kind

_TOP, _LANE, _BAR, _WAIT = 92, 74, 22, 14
_HUES = (212, 28, 150, 275, 350, 185, 48, 310)
_STYLE = """
svg { color-scheme: light dark; background: #fff; font: 11px system-ui, "DejaVu Sans", sans-serif; }
text { fill: #1f2328; }
.title { font-size: 15px; font-weight: 600; }
.name { font-size: 12px; font-weight: 600; text-anchor: end; }
.quiet { fill: #59636e; }
.bad { fill: #b3261e; }
.line { stroke: #d1d9e0; stroke-width: 1; }
.bar { fill: hsl(var(--h) 62% 84%); stroke: hsl(var(--h) 55% 45%); }
.wait { fill: none; stroke: hsl(var(--h) 55% 45%); stroke-dasharray: 3 2; }
.release { fill: hsl(var(--h) 55% 45%); }
.passed { fill: #1a7f37; } .failed { fill: #b3261e; } .pending { fill: #9a6700; }
.odd { fill: none; stroke: #59636e; stroke-width: 1.5; } .sign { fill: none; stroke: #fff; stroke-width: 1.6; }
@media (prefers-color-scheme: dark) {
  svg { background: #0d1117; } text { fill: #e6edf3; } .quiet { fill: #9198a1; } .bad { fill: #ff7b72; }
  .line { stroke: #30363d; } .odd { stroke: #9198a1; } .sign { stroke: #0d1117; }
  .bar { fill: hsl(var(--h) 42% 28%); stroke: hsl(var(--h) 50% 58%); } .wait { stroke: hsl(var(--h) 50% 62%); }
  .release { fill: hsl(var(--h) 50% 62%); }
  .passed { fill: #3fb950; } .failed { fill: #ff7b72; } .pending { fill: #d29922; }
}
"""
_LEGEND = (
    (Kind.PASSED, "gate passed"),
    (Kind.FAILED, "gate failed"),
    (Kind.LATE, "result that does not count"),
    (Kind.ROLLED_BACK, "rolled back"),
    (Kind.HELD, "held, resumed or refused"),
)


def picture(result: Result) -> str:
    """Returns the SVG; the same result is the same text."""
    drawn = drawing(result)
    bottom = _TOP + _LANE * len(drawn.lanes)
    height = bottom + 80 + 16 * len(result.findings)
    size = f'width="{drawn.width:.0f}" height="{height}" viewBox="0 0 {drawn.width:.0f} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label={quoteattr(result.scenario.name)}>',
        f"<style>{_STYLE}</style>",
        _text(16, 26, fitting(result.scenario.name, drawn.width * 0.6), "title"),
        *_axis(drawn, bottom),
        *(part for position, lane in enumerate(drawn.lanes) for part in _lane(lane, _TOP + _LANE * position, drawn)),
        *_legend(bottom + 40),
    ]
    for position, finding in enumerate(result.findings):
        text = fitting(f"Expected {finding.expected}; found: {finding.found}", drawn.width - 32)
        parts.append(_text(16, bottom + 80 + 16 * position, text, "bad"))
    return "\n".join([*parts, "</svg>", ""])


def _axis(drawn: Drawing, bottom: int) -> Iterator[str]:
    yield _text(LEFT - 8, 50, "releases", "name")
    for mark in drawn.releases:
        look = f'class="release"{_hue(drawn, mark.version)}' if mark.kind is Kind.RELEASED else 'class="odd"'
        shape = f"M{mark.x:.1f} 41l5 5l-5 5l-5 -5z"
        yield f'<path {look} d="{shape}"><title>{escape(mark.title)}</title></path>'
        if mark.label:
            yield _text(mark.x + 8, 50, mark.label)
    for place, seconds in drawn.ticks:
        yield f'<path class="line" d="M{place:.1f} 76V{bottom}"/>'
        yield _text(place + 3, 72, f"+{shown_duration(seconds)}", "quiet")


def _lane(lane: Lane, top: int, drawn: Drawing) -> Iterator[str]:
    yield f'<path class="line" d="M16 {top}H{drawn.width - 16:.0f}"/>'
    yield _text(LEFT - 8, top + 25, fitting(lane.name, LEFT - 20), "name")
    for bar in lane.active:
        yield _rectangle(bar, top + 10, _BAR, f'class="bar"{_hue(drawn, bar.version)}')
        yield _text(bar.left + 5, top + 25, bar.label)
    for mark in lane.marks:
        yield from _mark(mark, top + 42)
    for bar in lane.waiting:
        yield _rectangle(bar, top + 54, _WAIT, f'class="wait"{_hue(drawn, bar.version)}')
        yield _text(bar.left + 5, top + 65, bar.label, "quiet")


def _rectangle(bar: Bar, top: int, height: int, attributes: str) -> str:
    width = max(bar.right - bar.left, 1.0)
    place = f'x="{bar.left:.1f}" y="{top}" width="{width:.1f}" height="{height}" rx="2"'
    return f"<rect {attributes} {place}><title>{escape(bar.title)}</title></rect>"


def _mark(mark: Mark, y: int) -> Iterator[str]:
    title = f"<title>{escape(mark.title)}</title>"
    yield f"<g>{title}{_sign(mark.kind, mark.x, y)}</g>"
    if mark.label:
        yield _text(mark.x + 8, y + 4, mark.label, "quiet")


def _sign(kind: Kind, x: float, y: float) -> str:
    at = f"{x:.1f} {y:.1f}"
    circle = f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5.5"/>'
    if kind is Kind.PASSED:
        return f'{circle}<path class="sign" d="M{at}m-2.6 0l2 2.2l3.4 -4.2"/>'
    if kind is Kind.FAILED:
        return f'{circle}<path class="sign" d="M{at}m-2.2 -2.2l4.4 4.4m0 -4.4l-4.4 4.4"/>'
    if kind is Kind.PENDING:
        return circle
    if kind is Kind.ROLLED_BACK:
        return f'<path class="odd" d="M{at}m-4.5 0a4.5 4.5 0 1 1 1.6 3.4m-4.6 -5.6l3 2.4l2.6 -2.8"/>'
    if kind is Kind.LATE:
        return f'<circle class="odd" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/><path class="odd" d="M{at}m-3.2 3.2l6.4 -6.4"/>'
    return f'<path class="odd" d="M{at}m-4 -4h8v8h-8z"/>'


def _legend(y: int) -> Iterator[str]:
    x = 24.0
    for kind, text in _LEGEND:
        yield _sign(kind, x, y - 4)
        yield _text(x + 10, y, text, "quiet")
        x += 30 + 6.6 * len(text)
    yield _text(19, y + 18, "Dashed: proposed, and waiting. Quiet times are drawn shorter than they are.", "quiet")


def _hue(drawn: Drawing, version: str) -> str:
    position = drawn.versions.index(version) if version in drawn.versions else 0
    return f' style="--h:{_HUES[position % len(_HUES)]}"'


def _text(x: float, y: float, text: str, style: str = "") -> str:
    if not text:
        return ""
    kind = f' class="{style}"' if style else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'

"""Draws results as an SVG: a panel for each set and phase, a bar for each client; readable on light and dark pages."""

from dataclasses import dataclass
from html import escape

from benchmarks.push.clients import OURS
from benchmarks.push.measure import PHASES
from benchmarks.push.registry import DIRECT
from benchmarks.push.results import Case, Results, spread

WIDTH = 960
MARGIN = 16
TITLE = 64
NAMES = 80
VALUES = 46
BAR = 14
STEP = 20
PANEL_HEAD = 28
CUT_OFF = 8  # times the shortest bar: a longer one is cut
GAP = 4

STYLE = """\
text { font-family: system-ui, -apple-system, "Segoe UI", sans-serif; font-size: 12px; fill: #57606a; }
.title { font-size: 15px; font-weight: 600; fill: #1f2328; }
.panel { font-weight: 600; fill: #1f2328; }
.ours { font-weight: 600; fill: #0a58ca; }
rect { fill: #c4ccd6; }
rect.ours { fill: #2f74e0; }
line { stroke: #d0d7de; }
@media (prefers-color-scheme: dark) {
  text { fill: #9aa4af; }
  .title, .panel { fill: #e6edf3; }
  .ours { fill: #6cb0ff; }
  rect { fill: #4a535e; }
  rect.ours { fill: #4493f8; }
  line { stroke: #3d444d; }
}"""


@dataclass(frozen=True)
class Bar:
    """A client and its median wall in seconds."""

    client: str
    value: float

    @property
    def style(self) -> str:
        """The class that colours it."""
        return "ours" if self.client == OURS else "peer"


def svg(results: Results, registry: str) -> str:
    """Returns the plot of one registry, in the setting with the longest delay."""
    setting = max(dict.fromkeys(case.setting for case in results.cases()), key=_delay)
    names = list(dict.fromkeys(case.images for case in results.cases() if case.registry == registry))
    width = (WIDTH - MARGIN * (len(PHASES) + 1)) / len(PHASES)
    parts, top = [], float(TITLE)
    for name in names:
        panels = [_bars(results, Case(registry, name, phase, setting)) for phase in PHASES]
        for i, (phase, bars) in enumerate(zip(PHASES, panels, strict=True)):
            body = _panel(f"{name}, {phase}", bars, width)
            parts.append(f'<g transform="translate({MARGIN + i * (width + MARGIN):.0f} {top:.0f})">{body}</g>')
        top += PANEL_HEAD + STEP * max(map(len, panels)) + MARGIN
    where = "no delay" if setting == DIRECT else f"{setting} added to each request"
    return _page(
        "Wall time of a push in seconds, shorter is better",
        f"{registry}, {where}; medians; a gap marks a bar that is cut",
        parts,
        top,
    )


def _delay(setting: str) -> float:
    return 0.0 if setting == DIRECT else float(setting.removesuffix("ms"))


def _bars(results: Results, case: Case) -> list[Bar]:
    walls = {client: spread(results.of(case, client), lambda run: run.wall) for client in results.clients()}
    return sorted((Bar(name, wall.median) for name, wall in walls.items() if wall), key=lambda bar: bar.value)


def _panel(title: str, bars: list[Bar], width: float) -> str:
    longest = max((bar.value for bar in bars), default=1.0)
    limit = min(longest, CUT_OFF * min((bar.value for bar in bars), default=1.0))
    room = width - NAMES - VALUES
    parts = [f'<text class="panel" x="0" y="12">{escape(title)}</text>']
    bottom = PANEL_HEAD + STEP * len(bars) - STEP + BAR
    parts.append(f'<line x1="{NAMES}" y1="{PANEL_HEAD - 6}" x2="{NAMES}" y2="{bottom + 4}"/>')
    for i, bar in enumerate(bars):
        parts.append(_bar(bar, PANEL_HEAD + i * STEP, room * min(bar.value / limit, 1), cut=bar.value > limit))
    return "".join(parts)


def _bar(bar: Bar, top: int, length: float, *, cut: bool) -> str:
    base, style = top + BAR - 3, bar.style
    name = f'<text class="{style}" x="{NAMES - 6}" y="{base}" text-anchor="end">{escape(bar.client)}</text>'
    ends = [(0.0, length - 4 * GAP), (length - 3 * GAP, length)] if cut else [(0.0, length)]
    shape = "".join(
        f'<rect class="{style}" x="{NAMES + left:.1f}" y="{top}" width="{right - left:.1f}" height="{BAR}" rx="2"/>'
        for left, right in ends
    )
    value = f'<text class="{style}" x="{NAMES + length + 5:.1f}" y="{base}">{bar.value:.2f}</text>'
    return name + shape + value


def _page(title: str, subtitle: str, parts: list[str], height: float) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img">'
    heading = f'<title>{escape(title)}</title><text class="title" x="{MARGIN}" y="24">{escape(title)}</text>'
    heading += f'<text x="{MARGIN}" y="43">{escape(subtitle)}</text>'
    return "\n".join([head, f"<style>\n{STYLE}\n</style>", heading, *parts, "</svg>\n"])

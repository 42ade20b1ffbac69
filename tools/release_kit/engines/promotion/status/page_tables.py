"""The page's tables: the results of all gates, and what happened last."""

from release_kit.engines.promotion.model import GateState
from release_kit.engines.promotion.status import words
from release_kit.engines.promotion.status.history import Event, EventKind
from release_kit.engines.promotion.status.icons import sign
from release_kit.engines.promotion.status.links import commit_page
from release_kit.engines.promotion.status.markup import Markup, element, foreign, joined, link, web_address
from release_kit.engines.promotion.status.overview import Overview, Situation
from release_kit.engines.promotion.status.times import age_and_date
from release_kit.engines.promotion.status.wording import SKIPS_STAGING
from release_kit.values.promotion_gate import Target

MAX_EVENTS = 20
"""How many of the last events of all environments are shown."""


def gates(seen: Overview) -> Markup:
    """Returns the section of the gates, by environments."""
    bodies = [_gates_of(situation, seen.now) for situation in seen.situations]
    columns = ("Environment", "Gate", "Result", "Since", "Reported by", "Remark")
    table = _table("What has been seen of the releases that run, and of those that are proposed", columns, bodies)
    return _section("gates", "Gates", table if any(bodies) else element("p", "No gates are declared.", class_="soft"))


def history(seen: Overview) -> Markup:
    """Returns the section of the last promotions and rollbacks in all environments, newest first."""
    found = sorted(
        (event for situation in seen.situations for event in situation.events), key=lambda event: -event.since
    )[:MAX_EVENTS]
    rows = [_event(seen, event) for event in found]
    columns = ("When", "Environment", "What", "Version", "By")
    table = _table("The last promotions and rollbacks", columns, [element("tbody", *rows, role="rowgroup")])
    return _section("history", "History", table if rows else element("p", "Nothing has happened yet.", class_="soft"))


def _section(name: str, title: str, content: Markup) -> Markup:
    return element("section", element("h2", title, id=name), content, aria_labelledby=name, class_=name)


def _table(caption: str, columns: tuple[str, ...], bodies: list[Markup]) -> Markup:
    head = element("tr", *(element("th", column, scope="col", role="columnheader") for column in columns), role="row")
    return element("table", element("caption", caption), element("thead", head, role="rowgroup"), *bodies, role="table")


def _cell(label: str, *content: str, class_: str | None = None) -> Markup:
    """Returns a cell; where the page is narrow, its label is shown before it."""
    return element("td", element("div", *content), role="cell", class_=class_, data_label=label)


def _gates_of(situation: Situation, now: int) -> Markup:
    states = (*situation.active_gates, *situation.proposed_gates)
    if not states:
        return Markup()
    active = len(situation.active_gates)
    versions = [situation.active.version] * active + [situation.proposed.version] * (len(states) - active)
    name = element(
        "th", situation.environment.name, scope="rowgroup", rowspan=str(len(states)), role="rowheader", class_="group"
    )
    cells = [_gate(state, version, now) for state, version in zip(states, versions, strict=True)]
    rows = [element("tr", name if not i else Markup(), row, role="row") for i, row in enumerate(cells)]
    return element("tbody", *rows, role="rowgroup")


def _gate(state: GateState, version: str, now: int) -> Markup:
    gate, (drawn, word) = state.gate, words.PHASES[state.phase]
    kind = f"{about} · " if (about := words.about(gate)) else ""
    role = " runs" if gate.target is Target.ACTIVE else " is proposed"
    since = age_and_date(state.since, now) if state.since else joined(["-"])
    remark = foreign(state.description or gate.description)
    more = joined([Markup(" "), link(state.url, "details")]) if web_address(state.url) else Markup()
    return joined(
        [
            _cell(
                "Gate", gate.key, element("span", kind, foreign(version or "nothing", 60), role, class_="soft below")
            ),
            _cell("Result", sign(drawn), word, class_=drawn),
            _cell("Since", since),
            _cell("Reported by", words.reporter(gate.reporter)),
            _cell("Remark", remark, more, class_=None if state.description or gate.description or more else "none"),
        ]
    )


def _event(seen: Overview, event: Event) -> Markup:
    drawn = words.EVENTS[event.kind]
    version = [foreign(event.version, 60)]
    if event.before and event.kind is not EventKind.CHANGED:
        version = [foreign(event.before, 60), element("span", " to ", class_="unseen"), Markup(" → "), *version]
    if event.skip_staging:
        version.append(element("span", SKIPS_STAGING, class_="soft below"))
    what = link(commit_page(seen.declared.repository, event.commit), str(event.kind))
    cells = (
        _cell("When", age_and_date(event.since, seen.now)),
        _cell("Environment", event.environment),
        _cell("What", sign(drawn), what, class_=drawn),
        _cell("Version", *version, class_="move"),
        _cell("By", foreign(event.author, 80), class_="by"),
    )
    return element("tr", *cells, role="row")

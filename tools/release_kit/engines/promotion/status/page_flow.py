"""The page's flow of environments: a card for each, and between two of them the gates that a release has to pass."""

from collections.abc import Iterator

from release_kit.engines.promotion.model import A_PERSON, Blocker, GateState
from release_kit.engines.promotion.status import words
from release_kit.engines.promotion.status.history import Event, EventKind
from release_kit.engines.promotion.status.icons import sign
from release_kit.engines.promotion.status.links import commit_page
from release_kit.engines.promotion.status.markup import Markup, element, foreign, joined, link
from release_kit.engines.promotion.status.overview import Overview, Situation, Standing
from release_kit.engines.promotion.status.times import age, date
from release_kit.engines.promotion.status.wording import SKIPS_STAGING, short
from release_kit.values.promotion_gate import Phase


def flow(seen: Overview) -> Markup:
    """Returns the section of all environments, in their order."""
    steps: list[Markup] = []
    before = None
    for situation in seen.situations:
        origin = Markup() if steps else _origin(seen)
        steps.append(element("li", _way(before, situation, origin), _card(seen, situation), class_="step"))
        before = situation
    heading = element("h2", "Environments", id="environments")
    return element("section", heading, element("ol", *steps, class_="flow"), aria_labelledby="environments")


def _origin(seen: Overview) -> Markup:
    """Returns where the flow begins."""
    version = foreign(seen.newest.version, 60) if seen.newest else "none yet"
    return element("p", "newest ", element("strong", version), class_="origin")


def _way(before: Situation | None, situation: Situation, origin: Markup) -> Markup:
    """Returns what is between an environment and the one before it."""
    environment = situation.environment
    if environment.tracks:
        told = element("p", "follows ", element("code", environment.tracks), class_="how")
        return element("div", origin, element("p", class_="arrow", aria_hidden="true"), told, class_="way idle")
    earlier = [(before.environment.name, gate) for gate in before.active_gates] if before else []
    gates = [*earlier, *((environment.name, gate) for gate in situation.proposed_gates)]
    chips = [_chip(name, gate) for name, gate in gates]
    how = "automatic" if environment.automatic else "by a person"
    state = words.SIGNS[situation.standing] if situation.blockers or situation.proposed.dry else "idle"
    return element(
        "div",
        origin,
        element("p", class_="arrow", aria_hidden="true"),
        element("p", element("span", "to ", environment.name, ": ", class_="unseen"), how, class_="how"),
        element("ul", *chips, aria_label=f"Gates on the way to {environment.name}") if chips else Markup(),
        class_=f"way {state}",
    )


def _chip(name: str, state: GateState) -> Markup:
    drawn, word = words.PHASES[state.phase]
    told = element("span", f" on {name}: {word}", class_="unseen")
    return element("li", sign(drawn), element("span", state.gate.key, told), class_=drawn)


def _card(seen: Overview, situation: Situation) -> Markup:
    environment, drawn = situation.environment, words.SIGNS[situation.standing]
    label = f"environment-{environment.name}"
    badge = element("p", sign(drawn), str(situation.standing), class_=f"badge {drawn}")
    return element(
        "article",
        element("div", element("h3", environment.name, id=label), badge, class_="name"),
        *_active(seen, situation),
        *_next(situation),
        _checks(situation),
        class_=f"card {drawn}",
        aria_labelledby=label,
    )


def _active(seen: Overview, situation: Situation) -> Iterator[Markup]:
    """Tells what runs."""
    active = situation.active
    if not active.version:
        yield element("p", "nothing yet", class_="version none")
        return
    yield element("p", foreign(active.version, 80), class_="version")
    since = element("span", "since ", date(active.since, " UTC"))
    yield element("p", since, Markup(" "), age(active.since, seen.now), class_="soft since")
    if active.skip_staging:
        yield element("p", sign("go"), element("span", SKIPS_STAGING), class_="mark go")
    if situation.arrival and situation.arrival.kind is EventKind.ROLLED_BACK:
        yield _rolled_back(situation.arrival)
    repository = seen.declared.repository
    facts = (
        ("Source", element("code", short(situation.source))),
        ("Record", element("code", short(active.record))),
        ("Deploy", link(commit_page(repository, active.commit), element("code", short(active.commit)))),
    )
    yield element(
        "dl", *(element("div", element("dt", key), element("dd", value)) for key, value in facts), class_="facts"
    )


def _rolled_back(event: Event) -> Markup:
    told = element("span", "rolled back from ", foreign(event.before, 80), " by ", foreign(event.author, 80))
    return element("p", sign("back"), told, class_="mark back")


def _next(situation: Situation) -> Iterator[Markup]:
    """Tells what is to run next, and what that waits for."""
    if not situation.proposed.dry and not situation.blockers:
        return
    parts = []
    if situation.proposed.dry:
        version = foreign(situation.proposed.version, 80)
        mark = f", {SKIPS_STAGING}" if situation.proposed.skip_staging else ""
        parts.append(element("p", "Next: ", element("strong", version), mark, class_="proposed"))
    if situation.standing is Standing.READY:
        parts.append(element("p", "Nothing holds it back.", class_="soft"))
    parts += [element("ul", *map(_blocker, situation.blockers), class_="waits")] if situation.blockers else []
    yield element("div", *parts, class_="upcoming")


def _blocker(blocker: Blocker) -> Markup:
    drawn = "hand" if blocker.reporter == A_PERSON else words.PHASES[blocker.phase][0]
    told = f"{'reported by' if blocker.key else 'up to'} {words.reporter(blocker.reporter)}"
    obvious = blocker.reporter in (A_PERSON, blocker.environment)
    small = Markup() if obvious else element("span", told, class_="soft")
    return element("li", sign(drawn), element("span", foreign(blocker.reason), Markup(" "), small), class_=drawn)


def _checks(situation: Situation) -> Markup:
    """Sums up the gates of what runs."""
    gates = situation.active_gates
    if not gates or not situation.active.version:
        return Markup()
    failed, pending = (
        [state.gate.key for state in gates if state.phase is phase] for phase in (Phase.FAILURE, Phase.PENDING)
    )
    parts = [(failed, "bad", "failed"), (pending, "wait", "pending")]
    told = [(drawn, f"{', '.join(keys)} {word}") for keys, drawn, word in parts if keys]
    if not told:
        told = [("good", "all gates have passed" if len(gates) > 1 else "its gate has passed")]
    items = [element("span", sign(drawn), joined([text]), class_=drawn) for drawn, text in told]
    return element("p", *items, class_="checks")

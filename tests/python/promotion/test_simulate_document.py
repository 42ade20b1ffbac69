"""Scenario documents: what they may say, and that every fault names its file, line and path."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_kit.documents import scenario
from release_kit.documents.scenario import Scenario
from release_kit.documents.scenario_words import shown_duration
from release_kit.errors import InputError
from release_kit.values.promotion_gate import Phase

WHOLE = """\
schema: rules_release/scenario/v1
name: everything
environments: environments.json
start: 2026-03-01T10:00:00+02:00
until: 2d
reporters:
  - {gate: argocd-health, after: 2m}
  - {gate: e2e, environment: demo-staging, phase: never}
events:
  - {at: 5m, change: [demo]}
  - {at: 0s, release: 1.0.0}
  - {at: 1h, release: 1.0.1, skip_staging: true}
  - at: 1h30m
    gate: e2e
    environment: demo-staging
    phase: failure
    release: 1.0.0
  - {at: 2h, merge: demo, again: true, refused: true}
  - {at: 3h, hold: demo}
  - {at: 4h, resume: demo}
  - {at: 5h, rollback: demo, to: 1.0.0}
expect:
  - never: release before e2e on demo-staging
  - never: {environment: demo, version: 1.1.0}
  - eventually: {demo: 1.0.0}
    within: 1h
  - finally: {demo: none}
deadlock: expected
"""


def parse(text: str) -> Scenario:
    return scenario.parse(text.encode(), "s.yaml", Path("/folder"))


def minimal(**fields: Any) -> str:
    document = {"schema": scenario.SCHEMA, "name": "x", "events": [{"at": "0s", "release": "1.0.0"}], **fields}
    return json.dumps({key: value for key, value in document.items() if value is not None}, indent=1)


def test_a_whole_scenario_is_read() -> None:
    read = parse(WHOLE)
    assert (read.name, read.environments, read.until) == ("everything", Path("/folder/environments.json"), 172800)
    assert read.start == 1772352000
    assert [event.label for event in read.events] == [
        "release: 1.0.0",
        "change: [demo]",
        "release: 1.0.1, skipping staging",
        "gate: e2e on demo-staging: failure for 1.0.0",
        "merge: demo again",
        "hold: demo",
        "resume: demo",
        "rollback: demo to 1.0.0",
    ]
    assert [event.place for event in read.events[:2]] == ["events[1] (line 11)", "events[0] (line 10)"]
    assert [str(each) for each in read.expect] == [
        "never: release before e2e on demo-staging",
        "never: demo has 1.1.0",
        "eventually: demo: 1.0.0 within 1h",
        "finally: demo: none",
    ]
    assert read.deadlock
    assert [(each.gate, each.environment, each.after, each.phase) for each in read.reporters] == [
        ("argocd-health", "", 120, Phase.SUCCESS),
        ("e2e", "demo-staging", 0, None),
    ]


def test_json_is_read_and_what_is_not_said_has_a_default() -> None:
    read = parse(minimal())
    assert (read.start, read.until, read.environments, read.deadlock) == (1767603600, 0, None, False)


def test_events_of_one_time_stay_in_their_order() -> None:
    events = [{"at": "1m", "hold": "b"}, {"at": "0s", "hold": "a"}, {"at": "1m", "hold": "c"}]
    assert [event.value for event in parse(minimal(events=events)).events] == ["a", "b", "c"]


EVENT = {"at": "0s"}
FAULTS = {
    "no events": (minimal(events=None), "events: expected a value"),
    "two actions": (minimal(events=[{**EVENT, "merge": "a", "hold": "a"}]), r"events\[0\].at: .* found merge and hold"),
    "no action": (minimal(events=[EVENT]), r"events\[0\].at: expected one of release"),
    "no time": (minimal(events=[{"release": "1.0.0"}]), r"events\[0\].at: expected a value"),
    "a time without a unit": (minimal(events=[{"at": "5", "hold": "a"}]), "expected a duration such as"),
    "a number as a time": (minimal(events=[{"at": 5, "hold": "a"}]), "expected string, found 5"),
    "a time of ages": (minimal(events=[{"at": "999999d", "hold": "a"}]), "expected a duration such as"),
    "a version that is none": (minimal(events=[{**EVENT, "release": "v1"}]), r"\[0\].release: expected a version"),
    "a version that is a number": (minimal(events=[{**EVENT, "release": 1.0}]), "expected string, found 1.0"),
    "released twice": (
        minimal(events=[{"at": "0s", "release": "1.0.0"}, {"at": "1s", "release": "1.0.0"}]),
        r"events\[1\].release: events\[0\] releases 1.0.0 already",
    ),
    "again before it was released": (
        minimal(events=[{"at": "1s", "release": "1.0.0"}, {**EVENT, "release": "1.0.0", "again": True}]),
        r"events\[1\].release: nothing has released 1.0.0 before",
    ),
    "again as another release": (
        minimal(
            events=[{**EVENT, "release": "1.0.0"}, {**EVENT, "release": "1.0.0", "again": True, "skip_staging": True}]
        ),
        r"events\[1\].release: events\[0\] releases 1.0.0 already",
    ),
    "a hold that skips": (minimal(events=[{**EVENT, "hold": "a", "skip_staging": True}]), r"staging: .*not known"),
    "skipping as a word": (minimal(events=[{**EVENT, "release": "1.0.0", "skip_staging": "yes"}]), "expected true or"),
    "a field of another action": (minimal(events=[{**EVENT, "hold": "a", "again": True}]), r"\[0\].again: .*not known"),
    "a gate without environment": (minimal(events=[{**EVENT, "gate": "e2e"}]), r"events\[0\].environment: expected"),
    "an unknown phase": (minimal(events=[{**EVENT, "gate": "a", "environment": "b", "phase": "ok"}]), "found 'ok'"),
    "a change of nothing": (minimal(events=[{**EVENT, "change": []}]), r"events\[0\].change|expected one of"),
    "a change of one twice": (minimal(events=[{**EVENT, "change": ["a", "a"]}]), "each once"),
    "an unknown field": (minimal(color="red"), "color: this field is not known here"),
    "another schema": (minimal(schema="rules_release/scenario/v2"), "schema: expected"),
    "a start without a zone": (minimal(start="2026-01-05T09:00:00"), "start: expected a time"),
    "a start of another age": (minimal(start="1066-10-14T09:00:00Z"), "start: expected a time"),
    "an end before the last event": (minimal(until="1s", events=[{"at": "2s", "hold": "a"}]), "until: it ends before"),
    "a reporter that says maybe": (minimal(reporters=[{"gate": "a", "phase": "maybe"}]), r"reporters\[0\].phase"),
    "a statement that is none": (minimal(expect=[{"always": "x"}]), r"expect\[0\]: expected one of never"),
    "two statements in one": (minimal(expect=[{"never": "x", "finally": {"a": "1.0.0"}}]), "found never and finally"),
    "an order in other words": (minimal(expect=[{"never": "release after e2e"}]), "expected ENVIRONMENT before GATE"),
    "no versions": (minimal(expect=[{"finally": {}}]), r"expect\[0\].finally: expected environments with versions"),
    "within without eventually": (minimal(expect=[{"finally": {"a": "1.0.0"}, "within": "1h"}]), "within"),
    "what is so from the start": (minimal(expect=[{"eventually": {"a": "none"}}]), "every environment begins with"),
    "an odd deadlock": (minimal(deadlock="maybe"), "deadlock: expected forbidden or expected"),
    "a name with an escape": (minimal(name="\x1b[31mred"), "name: expected printable text"),
    "an environment with an escape": (minimal(expect=[{"finally": {"\x1b": "1.0.0"}}]), "no environment"),
    "a list": ("- a\n", "expected object"),
    "nothing": ("", "expected object"),
    "no YAML": ("a: [", "expected a YAML document"),
    "no text": ("\udcff", "expected a YAML document"),
    "two documents": ("a: 1\n---\nb: 2\n", "expected one document"),
    "a key that stands twice": ("schema: a\nname: b\nname: c\n", "3: 'name' stands here twice, first on 2"),
    "a bomb of aliases": (
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{n}: &{n} [{','.join([f'*{p}'] * 10)}]\n" for p, n in zip("abcdef", "bcdefg", strict=True)),
        "more than",
    ),
    "a deep one": ("[" * 5000, "expected a YAML document"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_refused_by_name(fault: str) -> None:
    text, message = FAULTS[fault]
    with pytest.raises(InputError, match=message) as caught:
        scenario.parse(text.encode(errors="surrogateescape"), "s.yaml", Path())
    assert caught.value.message.startswith("s.yaml")
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("event", "remedy"),
    [
        ({"at": 5, "hold": "a"}, "say it with its unit, such as 5m"),
        ({"at": "0s", "release": 1.0}, "write it in quotes: YAML takes it for a number"),
        ({"at": "0s", "release": "v1.0.0"}, "say it as the release does, such as 1.2.3"),
    ],
)
def test_a_fault_of_a_word_says_how_it_is_said(event: dict[str, Any], remedy: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(minimal(events=[event]))
    assert caught.value.remedy == remedy


def test_a_fault_names_its_line() -> None:
    text = WHOLE.replace("at: 1h30m", "at: soon")
    with pytest.raises(InputError, match=r"^s.yaml:13: events\[3\].at: expected a duration"):
        parse(text)


def test_a_file_that_is_too_large_or_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't be read"):
        scenario.load(tmp_path / "none.yaml")
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        file.truncate(scenario.MAX_BYTES + 1)
    with pytest.raises(InputError, match="larger than"):
        scenario.load(large)


@given(st.integers(0, 10**9))
def test_a_duration_is_shown_as_it_is_read(seconds: int) -> None:
    text = shown_duration(seconds)
    if seconds <= 3660 * 86400:
        assert parse(minimal(events=[{"at": text, "release": "1.0.0"}])).events[0].at == seconds


@given(st.text(max_size=60))
def test_any_text_is_refused_without_a_crash(text: str) -> None:
    with pytest.raises(InputError):
        scenario.parse(text.encode(errors="surrogatepass"), "s.yaml", Path())


KEYS = ("at", "release", "gate", "merge", "change", "never", "finally", "phase", "within", "odd")
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["0s", "1.0.0", "demo"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(events=VALUES, expect=VALUES, reporters=VALUES)
def test_any_values_are_read_or_refused_in_one_printable_line(events: Any, expect: Any, reporters: Any) -> None:
    said = ""
    try:
        parse(minimal(events=events, expect=expect, reporters=reporters))
    except InputError as error:
        said = error.message
    assert said.isprintable()

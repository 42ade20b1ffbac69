"""When schedules are open: cron, time zones, and the days on which clocks change."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_kit.engines.promotion.time_windows import is_open, open_together, opens, parse_cron, parse_timezone
from release_kit.errors import InputError
from release_kit.values.promotion_gate import Kind, PromotionGate, Reporter, Target, Window

BERLIN = "Europe/Berlin"


def gate(*allow: Window, exclude: tuple[Window, ...] = (), timezone: str = "UTC") -> PromotionGate:
    found = PromotionGate("schedule", Kind.SCHEDULE, Target.PROPOSED, Reporter.SCHEDULED_COMMIT_STATUS)
    return found._replace(allow=allow, exclude=exclude, timezone=timezone)


def at(text: str, zone: str = "UTC", fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp())


WORK = Window("0 9 * * 1-5", "8h")
"""2026-01-05 is a Monday."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-05T08:59:59", False),
        ("2026-01-05T09:00:00", True),
        ("2026-01-05T16:59:59", True),
        ("2026-01-05T17:00:00", False),
        ("2026-01-04T12:00:00", False),
    ],
)
def test_a_window_has_its_begin_and_not_its_end(text: str, expected: bool) -> None:
    assert is_open(gate(WORK), at(text)) is expected


def test_a_window_may_last_over_midnight() -> None:
    night = gate(Window("0 22 * * 5", "10h"))
    assert is_open(night, at("2026-01-10T07:59:59"))
    assert not is_open(night, at("2026-01-10T08:00:00"))


def test_one_open_window_of_several_is_enough() -> None:
    assert is_open(gate(WORK, Window("0 12 * * 0", "1h")), at("2026-01-04T12:30:00"))


def test_what_is_excluded_wins() -> None:
    lunch = (Window("0 12 * * *", "1h"),)
    assert not is_open(gate(WORK, exclude=lunch), at("2026-01-05T12:30:00"))
    assert opens(gate(WORK, exclude=lunch), at("2026-01-05T12:30:00")) == at("2026-01-05T13:00:00")


def test_it_opens_when_the_next_window_begins() -> None:
    assert opens(gate(WORK), at("2026-01-09T18:00:00")) == at("2026-01-12T09:00:00")


def test_gates_open_together_when_the_last_of_them_does() -> None:
    mondays = gate(Window("0 9 * * 1", "1h"))
    late, tuesdays = gate(Window("30 9 * * *", "1h")), gate(Window("0 9 * * 2", "1h"))
    noon = at("2026-01-05T12:00:00")
    assert open_together([mondays, late], noon) == at("2026-01-12T09:30:00")
    assert open_together([late, mondays], noon) == at("2026-01-12T09:30:00")
    assert open_together([mondays, tuesdays], noon) == 0
    assert open_together([mondays, gate(Window("0 0 30 2 *", "1h"))], noon) == 0
    assert open_together([], noon) == noon


def test_gates_that_open_together_in_many_years_never_do() -> None:
    """The 29th of February is a Monday in 2044."""
    gates = [gate(Window("0 9 * * 1", "1h")), gate(Window("0 9 29 2 *", "1h"))]
    assert open_together(gates, at("2026-01-05T12:00:00")) == 0


def test_it_opens_when_exclusions_that_follow_each_other_end() -> None:
    days = (Window("0 0 5 1 *", "24h"), Window("0 0 6 1 *", "24h"))
    assert opens(gate(WORK, exclude=days), at("2026-01-05T10:00:00")) == at("2026-01-07T09:00:00")


@pytest.mark.parametrize(
    "never",
    [gate(Window("0 0 30 2 *", "1h")), gate(WORK, exclude=(Window("* * * * *", "2m"),))],
    ids=["no such day", "always excluded"],
)
def test_it_may_never_open(never: PromotionGate) -> None:
    assert opens(never, at("2026-01-05T12:00:00")) == 0


def test_each_window_may_have_a_time_zone_of_its_own() -> None:
    assert is_open(gate(WORK, timezone=BERLIN), at("2026-01-05T08:30:00"))
    assert not is_open(gate(WORK._replace(timezone="America/New_York"), timezone=BERLIN), at("2026-01-05T08:30:00"))


def test_a_window_keeps_to_the_clock_on_the_wall_in_summer() -> None:
    assert opens(gate(WORK, timezone=BERLIN), at("2026-07-06T00:00:00")) == at("2026-07-06T07:00:00")


def test_a_time_that_the_clocks_skip_never_comes() -> None:
    assert opens(gate(Window("30 2 29 3 *", "10m"), timezone=BERLIN), at("2026-03-01T00:00:00")) == at(
        "2027-03-29T02:30:00", BERLIN
    )


def test_a_time_that_the_clocks_repeat_comes_twice() -> None:
    twice = gate(Window("30 2 25 10 *", "10m"), timezone=BERLIN)
    first, second = (at("2026-10-25T02:30:00", BERLIN, fold) for fold in (0, 1))
    assert second - first == 3600
    assert opens(twice, first - 60) == first
    assert opens(twice, first + 600) == second


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("*/20 0-1 * * *", ["00:00", "00:20", "00:40", "01:00", "01:20", "01:40"]),
        ("5,10-12 6 * * MON", ["06:05", "06:10", "06:11", "06:12"]),
        ("50/5 23 * jan *", ["23:50", "23:55"]),
        ("0 7 ? * ?", ["07:00"]),
    ],
)
def test_cron_fields_are_lists_ranges_steps_and_names(cron: str, expected: list[str]) -> None:
    found, now, end = [], at("2026-01-05T00:00:00"), at("2026-01-06T00:00:00")
    while (now := opens(gate(Window(cron, "1m")), now)) and now < end:
        found.append(f"{datetime.fromtimestamp(now, ZoneInfo('UTC')):%H:%M}")
        now += 60
    assert found == expected


@pytest.mark.parametrize(
    ("cron", "day", "expected"),
    [
        ("0 0 13 * 5", "2026-01-13", True),
        ("0 0 13 * 5", "2026-01-16", True),
        ("0 0 13 * *", "2026-01-16", False),
        ("0 0 * * 5", "2026-01-13", False),
        ("0 0 */2 * 5", "2026-01-14", False),
        ("0 0 */2 * 5", "2026-01-16", True),
        ("0 0 */1 * 5", "2026-01-14", False),
    ],
)
def test_where_both_days_are_given_one_is_enough(cron: str, day: str, expected: bool) -> None:
    """A step such as */2 is given; a bare * is not, nor is */1."""
    assert parse_cron(cron, "cron").is_on(datetime.fromisoformat(day).date()) is expected


@pytest.mark.parametrize(
    "cron",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7", "5-1 * * * *", "*/0 * * * *",
     "a * * * *", "1--2 * * * *", "9999999999999999999 * * * *", "@daily", "1,, * * * *", "* * * foo *"],
)  # fmt: skip
def test_what_is_no_cron_is_refused(cron: str) -> None:
    with pytest.raises(InputError, match="the gate schedule"):
        opens(gate(Window(cron, "1h")), 0)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "", "\0", "Europe"])
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(InputError, match="there is no time zone"):
        parse_timezone(zone, "timezone")


@given(
    now=st.integers(1_700_000_000, 1_900_000_000),
    hour=st.integers(0, 23),
    hours=st.integers(1, 30),
    zone=st.sampled_from(["UTC", BERLIN, "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_a_daily_window_is_open_in_its_hours(now: int, hour: int, hours: int, zone: str) -> None:
    """Compared with what a plain walk over the days finds."""
    daily = gate(Window(f"0 {hour} * * *", f"{hours}h"), timezone=zone)
    today = datetime.fromtimestamp(now, ZoneInfo(zone)).replace(hour=hour, minute=0, second=0, fold=0)
    starts = [today + timedelta(days=days) for days in range(-2, 3)]
    exact = [s for s in starts if datetime.fromtimestamp(s.timestamp(), ZoneInfo(zone)).hour == hour]
    times = {int(s.replace(fold=fold).timestamp()) for s in exact for fold in (0, 1)}
    assert is_open(daily, now) == any(start <= now < start + hours * 3600 for start in times)
    assert opens(daily, now) >= now
    assert is_open(daily, opens(daily, now))

"""Times on the page: a date for the record, and an age for the eye."""

from release_kit.engines.promotion.status.markup import Markup, element, joined
from release_kit.engines.promotion.status.wording import ago, iso, moment


def date(when: int, zone: str = "") -> Markup:
    """Returns such as `2026-11-23 12:10`, in UTC; `zone` follows it."""
    return element("time", moment(when), zone, datetime=iso(when)) if iso(when) else joined([moment(when)])


def age(when: int, now: int) -> Markup:
    """Returns such as `3 h ago`; nothing for a time that is not known."""
    return element("time", ago(when, now), class_="ago", datetime=iso(when)) if iso(when) else Markup()


def age_and_date(when: int, now: int) -> Markup:
    """Returns an age with the date below it."""
    return joined([age(when, now), element("span", date(when), class_="soft below")])

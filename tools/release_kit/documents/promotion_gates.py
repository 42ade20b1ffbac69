"""The gates in a declaration of environments."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from release_kit.documents.fields import Fields
from release_kit.errors import InputError
from release_kit.values.promotion_gate import Kind, PromotionGate, Reporter, Target, Window

_KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_DURATION = re.compile(r"(?:\d{1,9}h)?(?:\d{1,9}m)?(?:\d{1,9}s)?", re.ASCII)


class _Rule(NamedTuple):
    """What a kind of gate allows; the first of several is the default."""

    targets: tuple[Target, ...]
    reporters: tuple[Reporter, ...]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


_BY_HAND = (Reporter.SCM_STATUS, Reporter.COMMIT_STATUS)
RULES = {
    Kind.ARGOCD_HEALTH: _Rule((Target.ACTIVE,), (Reporter.ARGOCD_COMMIT_STATUS,)),
    Kind.E2E: _Rule((Target.ACTIVE,), _BY_HAND, optional=("interval",)),
    Kind.TIMER: _Rule((Target.ACTIVE,), (Reporter.TIMED_COMMIT_STATUS,), ("duration",)),
    Kind.SCHEDULE: _Rule((Target.PROPOSED,), (Reporter.SCHEDULED_COMMIT_STATUS,), ("allow",), ("exclude", "timezone")),
    Kind.HTTP: _Rule(
        (Target.PROPOSED, Target.ACTIVE),
        (Reporter.WEB_REQUEST_COMMIT_STATUS,),
        ("url", "expression"),
        ("method", "interval", "secret"),
    ),
    Kind.GIT: _Rule((Target.PROPOSED,), (Reporter.GIT_COMMIT_STATUS,), ("expression",)),
    Kind.MANUAL: _Rule((Target.PROPOSED,), _BY_HAND, optional=("interval",)),
}
"""What GitOps Promoter's controllers can do: on which commits each of them reports."""


def gate(fields: Fields) -> PromotionGate:
    """Reads one gate.

    Raises:
        InputError: a field is missing, unknown, or not one that this kind of gate has.
    """
    kind = Kind(_word(fields, "kind", [str(kind) for kind in Kind]))
    rule = RULES[kind]
    key = fields.string("key", str(kind))
    if not _KEY.fullmatch(key):
        raise InputError(
            f"{fields.path('key')}: expected such as e2e: lowercase letters, digits, '-'; found {key!r:.100}"
        )
    for name in rule.required:
        if not fields.has(name):
            raise InputError(f"{fields.path(name)}: a gate of the kind {kind} needs it")
    target = Target(_word(fields, "target", rule.targets, f"a gate of the kind {kind} is about "))
    reporter = Reporter(_word(fields, "reporter", rule.reporters, f"a gate of the kind {kind} is reported by "))
    read = PromotionGate(key, kind, target, reporter, fields.string("description", ""))
    return _with_fields(read, fields, (*rule.required, *rule.optional))


def _with_fields(read: PromotionGate, fields: Fields, names: Sequence[str]) -> PromotionGate:
    found: dict[str, object] = {}
    for name in names:
        if not fields.has(name):
            continue
        if name in ("allow", "exclude"):
            found[name] = fields.objects(name, _window)
        elif name in ("duration", "interval"):
            found[name] = _duration(fields, name)
        else:
            found[name] = fields.string(name)
    return read._replace(**found)  # type: ignore[arg-type]


def _window(fields: Fields) -> Window:
    cron = fields.string("cron")
    if len(cron.split()) != 5:
        raise InputError(f"{fields.path('cron')}: expected five fields such as 0 9 * * 1-5, found {cron!r:.100}")
    return Window(cron, _duration(fields, "duration"), fields.string("timezone", ""), fields.string("description", ""))


def _duration(fields: Fields, key: str) -> str:
    text = fields.string(key)
    if not text or not _DURATION.fullmatch(text):
        raise InputError(f"{fields.path(key)}: expected a duration such as 30s, 90m or 1h30m, found {text!r:.100}")
    return text


def seconds(duration: str) -> int:
    """Returns the seconds of a duration such as `1h30m`, as a gate has it."""
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([hms])", duration))


def _word(fields: Fields, key: str, choices: Sequence[str], because: str = "") -> str:
    text = fields.string(key, choices[0] if because else None)
    if text not in choices:
        expected = " or ".join(str(choice) for choice in choices)
        raise InputError(f"{fields.path(key)}: expected {expected}, found {text!r:.100}", f"{because}{expected}")
    return text


def differing(gates: Sequence[PromotionGate]) -> Iterator[tuple[str, str]]:
    """Finds gates of one key that differ where only their times may; each as what is wrong, and a remedy."""
    first: dict[str, PromotionGate] = {}
    for each in gates:
        known = first.setdefault(each.key, each)
        times = {"duration": "", "allow": (), "exclude": ()}
        if known._replace(**times) != each._replace(**times):  # type: ignore[arg-type]
            remedy = "one reporter serves all environments: give one of them another key"
            yield f"the gate {each.key} differs from one environment to the other", remedy

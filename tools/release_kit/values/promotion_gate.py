"""Gates of promotions: what has to be seen before a release moves on, and who sees it."""

from enum import StrEnum
from typing import NamedTuple

RESERVED_KEYS = frozenset({"promoter-previous-environment"})
"""Keys that GitOps Promoter reports itself: no gate may have one."""
ORDER_KEY = "promotion-order"
"""The key that the order of environments is reported under from GitOps Promoter 0.38 on; no gate may have it."""
ROLLBACK_KEY = "rolled-back"
"""The key under which a rollback keeps its release out of the environment; no gate may have it."""


class Target(StrEnum):
    """Which commit a gate is about."""

    ACTIVE = "active"
    """What runs in the environment; it blocks the next environments."""
    PROPOSED = "proposed"
    """What is to run in the environment; it blocks the environment itself."""


class Kind(StrEnum):
    """What a gate looks at."""

    ARGOCD_HEALTH = "argocd-health"
    """Argo CD's Applications are in sync with the commit, and healthy."""
    E2E = "e2e"
    """A test of what runs in the environment, by CI."""
    TIMER = "timer"
    """The release has run in the environment for some time."""
    SCHEDULE = "schedule"
    """The time is in a window."""
    HTTP = "http"
    """An answer over HTTP fulfils an expression."""
    GIT = "git"
    """The commit's data fulfil an expression."""
    MANUAL = "manual"
    """A person has agreed."""


class Reporter(StrEnum):
    """Who reports a gate; each gate has exactly one."""

    ARGOCD_COMMIT_STATUS = "argocd-commit-status"
    TIMED_COMMIT_STATUS = "timed-commit-status"
    SCHEDULED_COMMIT_STATUS = "scheduled-commit-status"
    WEB_REQUEST_COMMIT_STATUS = "web-request-commit-status"
    GIT_COMMIT_STATUS = "git-commit-status"
    SCM_STATUS = "scm-status"
    """CI sets a commit status at the host of the repository, where a WebRequestCommitStatus reads it."""
    COMMIT_STATUS = "commit-status"
    """CI, or a person, applies a CommitStatus to the cluster."""


class Window(NamedTuple):
    """A time that comes again."""

    cron: str
    """When it begins: minute, hour, day of the month, month, day of the week."""
    duration: str
    """How long it lasts, such as `8h` or `90m`."""
    timezone: str = ""
    """Such as `Europe/Berlin`; empty for the gate's."""
    description: str = ""


class PromotionGate(NamedTuple):
    """One gate; which of the later fields count depends on its kind."""

    key: str
    """Unique: what it is reported under."""
    kind: Kind
    target: Target
    reporter: Reporter
    description: str = ""
    duration: str = ""
    """timer: how long."""
    timezone: str = "UTC"
    """schedule: of the windows that name none."""
    allow: tuple[Window, ...] = ()
    """schedule: when promotions may happen."""
    exclude: tuple[Window, ...] = ()
    """schedule: when they may not, even so."""
    url: str = ""
    """http: a template of what is asked."""
    method: str = "GET"
    """http."""
    expression: str = ""
    """http: what the answer has to fulfil; git: what the commit has to."""
    interval: str = "1m"
    """http, and whatever is polled: how often."""
    secret: str = ""
    """http: a Secret with a bearer token in `token`; empty for none."""


class Phase(StrEnum):
    """What is known of a gate."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"


def scm_context(key: str) -> str:
    """Returns the name of the commit status that CI sets for a gate whose reporter is `scm-status`."""
    return f"release-kit/{key}"

"""What Argo CD tells of an Application (pkg/apis/application/v1alpha1/types.go, v3.5.1: ApplicationStatus)."""

from typing import NamedTuple

from release_kit.errors import ReleaseError

SYNCED = "Synced"
HEALTHY = "Healthy"
RUNNING = frozenset({"Running", "Terminating"})
"""Phases of an operation that has not ended; one that is to be tried again is running all the while
(controller/appcontroller.go, v3.5.1: processRequestedAppOperation)."""
FAILED = frozenset({"Failed", "Error"})
"""Phases of an operation that was given up."""


class UnavailableError(ReleaseError):
    """Argo CD can't answer now; it may a moment later."""


class Operation(NamedTuple):
    """The newest sync; all of it is empty where there was none."""

    phase: str = ""
    """One of RUNNING or FAILED, or `Succeeded`; `Running`, too, where one is asked for and has not begun."""
    message: str = ""
    revisions: tuple[str, ...] = ()
    """What it applies, or was to apply."""


class ApplicationState(NamedTuple):
    """One Application at one moment, in Argo CD's words; all texts are printable, and empty where nothing is known."""

    sync: str = ""
    """`Synced`, `OutOfSync` or `Unknown`."""
    revisions: tuple[str, ...] = ()
    """What it was compared with: a commit, or a chart's version or digest; several where it has several sources."""
    health: str = ""
    """`Healthy`, `Progressing`, `Degraded`, `Suspended`, `Missing` or `Unknown`."""
    message: str = ""
    """Why it has that health."""
    operation: Operation = Operation()
    conditions: tuple[str, ...] = ()
    """What Argo CD complains of."""
    unjudged: tuple[str, ...] = ()
    """Applications that it applies, and that Argo CD gives no health."""

"""What was looked at, and whether it holds: as a table."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One thing that was looked at.

    Attributes:
        subject: what of, such as `rules_oci index`.
        claim: what must hold.
        reason: why it does not; empty where it does.
        skipped: why nobody looked; empty where somebody did.
    """

    subject: str
    claim: str
    reason: str = ""
    skipped: str = ""

    @property
    def verdict(self) -> str:
        """One word."""
        return "skipped" if self.skipped else "FAILED" if self.reason else "holds"


def table(findings: list[Finding]) -> str:
    """Returns a line for each finding, what failed and was skipped with its reason below."""
    widths = [max(len(getattr(finding, name)) for finding in findings) for name in ("subject", "claim")]
    lines = []
    for finding in findings:
        lines.append(f"{finding.subject:{widths[0]}}  {finding.claim:{widths[1]}}  {finding.verdict}")
        lines += [f"    {line}" for line in (finding.reason or finding.skipped).splitlines()]
    return "\n".join(lines) + "\n"


def summary(findings: list[Finding]) -> str:
    """Returns how many hold, failed and were skipped."""
    verdicts = [finding.verdict for finding in findings]
    return f"{verdicts.count('holds')} hold, {verdicts.count('FAILED')} failed, {verdicts.count('skipped')} skipped"

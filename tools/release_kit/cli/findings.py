"""Findings in YAML files, as a person reads them."""

from collections.abc import Iterator, Sequence

from release_kit.engines.validation.tree import TreeFinding, clean


def lines(findings: Sequence[TreeFinding]) -> Iterator[str]:
    """Yields the lines of each finding: where, what, by which rule, and what to do."""
    for finding in findings:
        where = ": ".join(filter(None, (clean(finding.place), finding.document, finding.path)))
        first, *others = finding.message.splitlines() or [""]
        yield f"{where}: {first} [{finding.rule}]"
        yield from (f"  {line}" for line in others)
        if finding.remedy:
            yield f"  try: {finding.remedy}"

"""All rules, each with why it is one and where that is written: docs/validation.md shows them as a table."""

from release_kit.engines.validation import argocd_rules, promoter_rules

RULES = (*promoter_rules.RULES, *argocd_rules.RULES)
NAMES = tuple(rule.name for rule in RULES)


def table() -> str:
    """Returns the rules as a table in Markdown."""
    lines = ["| rule | finds | why | remedy | source |", "| --- | --- | --- | --- | --- |"]
    for rule in RULES:
        cells = (f"`{rule.name}`", rule.finds, rule.why, rule.remedy, rule.source)
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(lines) + "\n"

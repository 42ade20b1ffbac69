"""Names of branches, as git and GitOps Promoter take them."""

import re

MAX_LENGTH = 100
"""What GitOps Promoter allows an environment's branch (PromotionStrategy, spec.environments[].branch)."""


def fault(name: str) -> str:
    """Returns why there can be no such branch (git check-ref-format; PromotionStrategy); empty if there can."""
    parts = name.split("/")
    if not name or len(name) > MAX_LENGTH:
        return f"has {len(name)} characters; 1 to {MAX_LENGTH} are legal"
    if re.search(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{", name) or not name.isprintable():
        return "has a space, a control character, '..', '@{' or one of ~ ^ : ? * [ \\"
    if name == "@" or any(not part or part.startswith(".") or part.endswith((".lock", ".")) for part in parts):
        return "has a part that is empty, begins with '.' or ends with '.' or '.lock'"
    return "begins with '-'" if name.startswith("-") else ""

"""Secrets of tests, and the search for them in whatever was told: every one of them has the same word in it."""

import base64
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

MARK = "swordfish"
"""Is in each password and token that a test lets release-kit know, and in nothing else."""


def secret(name: str) -> str:
    """Returns a secret that is found wherever it is told, plainly or in base64."""
    return f"{MARK}-{name}"


def found(text: str) -> str:
    """Returns what stands around a told secret, without the secret; empty if none was told."""
    for form in _FORMS:
        before, is_there, _ = text.partition(form)
        if is_there:
            return f"...{before[-100:]}<a secret>"
    return ""


def _base64(word: str) -> set[str]:
    """Returns what each text in base64 has in it somewhere if the word is in the text."""
    forms = set()
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + word.encode()).decode()
        first, last = -(-offset * 8 // 6), (offset + len(word)) * 8 // 6
        forms.add(whole[first:last])
    return forms


_FORMS = (MARK, *sorted(_base64(MARK)))


def main(folders: list[str]) -> int:
    """Searches all reports and logs below the folders; returns 1 if a secret is in one, or if there is nothing."""
    files = [file for folder in folders if Path(folder).exists() for file in Path(folder).resolve().rglob("*")]
    told = {file: _text(file) for file in files if file.suffix in (".xml", ".log") and file.is_file()}
    bad = {file: where for file, text in told.items() if (where := found(text))}
    for file, where in bad.items():
        sys.stdout.write(f"{file}: a secret was told: {where}\n")
    size = sum(map(len, told.values()))
    if not bad:
        sys.stdout.write(f"no secret in {size} characters of {len(told)} reports and logs\n")
    return 1 if bad or not size else 0


def _text(file: Path) -> str:
    content = file.read_text(errors="replace")
    return "".join(ElementTree.fromstring(content).itertext()) + content if file.suffix == ".xml" else content


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

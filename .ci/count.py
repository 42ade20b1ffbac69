"""Prints one line that counts the test cases in the JUnit files below the given folders; exit 1 if one failed.

A step that failed without any failed test case counts as one: `--failed-step NAME`.
"""

import argparse
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

BAD = ("failure", "error")


def main(arguments: list[str]) -> int:
    """Counts, prints and returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--failed-step", metavar="NAME")
    chosen = parser.parse_args(arguments)
    files = [
        file for folder in chosen.folders if Path(folder).exists() for file in Path(folder).resolve().rglob("*.xml")
    ]
    cases = [case for file in files for case in ElementTree.parse(file).iter("testcase")]
    failed = sum(any(case.find(mark) is not None for mark in BAD) for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    passed = len(cases) - failed - skipped
    if chosen.failed_step:
        sys.stdout.write(f"the step {chosen.failed_step} failed\n")
        failed = failed or 1
    sys.stdout.write(f"release: {passed} passed, {failed} failed" + (f", {skipped} skipped\n" if skipped else "\n"))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

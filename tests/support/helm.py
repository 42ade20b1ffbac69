"""Finds the real helm, of both major versions, for tests."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

HELM_4 = "4"
HELM_3 = "3"
BOTH = (HELM_4, HELM_3)


@cache
def helm(major: str) -> Path:
    """Returns the program of a major version from PATH: `helm4` or `helm3`, or `helm` where it is that one."""
    for name in (f"helm{major}", "helm"):
        found = shutil.which(name)
        if found and _version(found).startswith(f"v{major}."):
            return Path(found)
    raise AssertionError(f"helm {major} is not on PATH: install it as helm{major} or helm (https://helm.sh/docs)")


def _version(program: str) -> str:
    done = subprocess.run(
        [program, "version", "--template", "{{.Version}}"], capture_output=True, text=True, check=True
    )
    version = re.search(r"v\d+\.\S*", done.stdout)
    return version.group() if version else ""

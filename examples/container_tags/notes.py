"""Keeps the notes that it is given on its standard input."""

import sys
from pathlib import Path

if __name__ == "__main__":
    with Path("/tmp/notes.txt").open("a", encoding="utf-8") as notes:
        notes.writelines(sys.stdin)

"""Runs a command and prints, as JSON, its exit code, wall and CPU seconds, and the peak memory of its largest process.

A process of its own, because a child's peak memory starts at its parent's: this one is small. The figures include the
descendants that the command has waited for.
"""

import os
import sys
import time


def main(command: list[str]) -> None:
    """Runs the command with its output on stderr."""
    started = time.monotonic()
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
    _, status, usage = os.wait4(process, 0)
    wall = time.monotonic() - started
    fields = {
        "exit_code": os.waitstatus_to_exitcode(status),
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_memory": usage.ru_maxrss * 1024,
    }
    sys.stdout.write("{" + ", ".join(f'"{key}": {value}' for key, value in fields.items()) + "}\n")


if __name__ == "__main__":
    main(sys.argv[1:])

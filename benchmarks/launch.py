"""Runs a command on some processors and writes, as JSON, its exit code, wall and CPU seconds, and peak memory.

A process of its own, because a child's peak memory starts at its parent's: this one is small. The figures include the
descendants that the command has waited for; the peak is that of the largest process.
"""

import os
import sys
import time


def main(usage_file: str, cores: str, command: list[str]) -> None:
    """Runs the command with the output of this process."""
    os.sched_setaffinity(0, set(map(int, cores.split(","))))
    started = time.monotonic()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    wall = time.monotonic() - started
    fields = {
        "exit_code": os.waitstatus_to_exitcode(status),
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_memory": usage.ru_maxrss * 1024,
    }
    text = "{" + ", ".join(f'"{key}": {value}' for key, value in fields.items()) + "}\n"
    file = os.open(usage_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(file, text.encode())
    os.close(file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])

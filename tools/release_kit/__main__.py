"""Lets `python3 -m release_kit` be the command `release-kit`."""

from release_kit.cli.app import command

if __name__ == "__main__":
    raise SystemExit(command())

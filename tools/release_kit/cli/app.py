"""`release-kit COMMAND ...`: one module for each command, loaded when it is called; the one error boundary."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from release_kit import __version__
from release_kit.cli.console import Console
from release_kit.errors import ReleaseError

COMMANDS = {
    "push": "push a release set to a registry: all of it, or nothing that anyone can see",
    "verify": "compare a release in the registry with its record",
    "tags": "write the tags that an image gets, one a line",
    "registry": "keep the private registry on loopback running in the foreground",
}
EXIT_BUG = 3
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143
SECOND_INTERRUPT_SECONDS = 1.0


class TerminatedError(KeyboardInterrupt):
    """SIGTERM: an interrupt by another name."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns:
        0 done, 1 refused or failed, 2 bad input, 3 a bug, 130 interrupted, 143 terminated.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    console = Console()
    try:
        parsed = _parser(arguments[0] if arguments else "").parse_args(arguments)
        console.verbosity = parsed.verbose - parsed.quiet
        return int(import_module(f"release_kit.cli.{parsed.command}").run(parsed, console))
    except ReleaseError as error:
        console.error(error)
        return error.exit_code
    except KeyboardInterrupt as interrupt:
        _calm()
        console.error(
            ReleaseError("interrupted", "run the same command again: it is safe, and goes on where this one stopped")
        )
        return EXIT_TERMINATED if isinstance(interrupt, TerminatedError) else EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except Exception:
        import traceback

        traceback.print_exc()
        console.error(ReleaseError("this is a bug in release-kit", "please report it with the lines above"))
        return EXIT_BUG


def command() -> int:
    """Is the program `release-kit`: `main`, with SIGINT and SIGTERM heard."""
    import signal

    def stop(number: int, _: object) -> None:
        """Interrupts the main thread; a second later again, should it have been where interrupts get lost."""
        signal.signal(signal.SIGALRM, lambda *_: stop(number, None))
        signal.setitimer(signal.ITIMER_REAL, SECOND_INTERRUPT_SECONDS)
        raise TerminatedError if number == signal.SIGTERM else KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return main()


def _calm() -> None:
    """Calls off the second interrupt: the first was heard."""
    import signal

    signal.setitimer(signal.ITIMER_REAL, 0)


def _parser(chosen: str) -> argparse.ArgumentParser:
    about = "Releases a set of OCI images and Helm charts at one version."
    parser = _Parser(prog="release-kit", description=about)
    parser.add_argument("--version", action="version", version=f"release-kit {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", prog="release-kit")
    for name, summary in COMMANDS.items():
        child = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        if name == chosen:
            import_module(f"release_kit.cli.{name}").add_arguments(child)
            child.add_argument("-q", "--quiet", action="count", default=0, help="say nothing but errors")
            child.add_argument("-v", "--verbose", action="count", default=0, help="tell of each request")
    return parser


class _Parser(argparse.ArgumentParser):
    """A parser whose help formatter, and all that it imports, is loaded when help or a usage error is shown."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, formatter_class=_NoFormatter)

    def format_help(self) -> str:
        """Formats the help for real."""
        self.formatter_class = argparse.HelpFormatter
        return super().format_help()

    def format_usage(self) -> str:
        """Formats the usage for real."""
        self.formatter_class = argparse.HelpFormatter
        return super().format_usage()


class _NoFormatter(argparse.HelpFormatter):
    """Formats nothing: argparse makes one for every argument that is added."""

    def __init__(self, prog: str) -> None:
        """Leaves out everything, the look at the terminal too."""

    def __getattribute__(self, name: str) -> Any:
        """Answers every method with an empty text."""
        return lambda *_, **__: ""

"""`release-kit COMMAND ...`: one module for each command, loaded when it is called; the one error boundary."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import release_kit
from release_kit.cli.console import Console
from release_kit.errors import ReleaseError

COMMANDS = {
    "init": "write the package that releases a workspace, of what it finds in it",
    "push": "push a release set to a registry: all of it, or nothing that anyone can see",
    "verify": "compare a release in the registry with its record",
    "statement": "print a release as an in-toto statement, for who signs it",
    "hydrate": "write what each environment is to run to its proposed branch",
    "e2e": "test what is deployed, and tell whether it may go on",
    "report": "write down what was seen of a gate",
    "promote": "let a release go on to the next environment, behind its gates",
    "rollback": "bring an earlier release of an environment back, and keep the present one out",
    "publish": "let everybody see a release: its moving tags, and GitHub's page of it with the record",
    "status": "tell what runs in each environment, and what the next release waits for",
    "tags": "write the tags that an image gets, one a line",
    "layout": "take what a push needs of an OCI image layout",
    "chart": "gate, pack, render or document a chart",
    "gitops": "write what Argo CD and GitOps Promoter are told, from the declaration of environments",
    "workflows": "write the workflows of GitHub Actions, and hold any to a policy",
    "github": "bring the environments at GitHub in step with the declaration",
    "validate": "hold GitOps resources to the rules of GitOps Promoter and Argo CD",
    "simulate": "play a scenario of promotions before they happen",
    "cut": "raise VERSION, the charts and the changelog, commit, tag and push them",
    "argocd": "tell Argo CD where a release is, and wait until it has deployed one",
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
        parsed = _parser(arguments).parse_args(arguments)
        console.verbosity = parsed.verbose - parsed.quiet
        return int(parsed.run(parsed, console))
    except ReleaseError as error:
        console.error(error)
        return error.exit_code
    except KeyboardInterrupt as interrupt:
        calm()
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


def calm() -> None:
    """Calls off the second interrupt: the first was heard."""
    import signal

    signal.setitimer(signal.ITIMER_REAL, 0)


def _parser(chosen: Sequence[str]) -> argparse.ArgumentParser:
    about = "Releases a set of OCI images and Helm charts at one version."
    parser = _Parser(prog="release-kit", description=about)
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and exit")
    _add_commands(parser, COMMANDS, chosen)
    return parser


def _add_commands(
    parser: argparse.ArgumentParser, summaries: Mapping[str, str], chosen: Sequence[str], path: Sequence[str] = ()
) -> None:
    """Adds commands, and the arguments of the chosen one; a module with COMMANDS of its own is a group of them."""
    program = " ".join(("release-kit", *path))
    commands = parser.add_subparsers(required=True, metavar="COMMAND", prog=program)
    for name, summary in summaries.items():
        about = f"{summary[0].upper()}{summary[1:]}."
        child = commands.add_parser(name, help=summary, description=about)
        if chosen[:1] != [name]:
            continue
        here = (*path, name)
        module = import_module(f"release_kit.cli.{'_'.join(here)}")
        if hasattr(module, "COMMANDS"):
            _add_commands(child, module.COMMANDS, chosen[1:], here)
        else:
            module.add_arguments(child)
            child.add_argument("-q", "--quiet", action="count", default=0, help="say nothing but errors")
            child.add_argument("-v", "--verbose", action="count", default=0, help="tell of each request")
            child.set_defaults(run=module.run)


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


class _ShowVersion(argparse.Action):
    """Prints the version; the one of argparse would format it first."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Prints it and ends the program."""
        sys.stdout.write(f"release-kit {release_kit.version()}\n")
        parser.exit()


class _NoFormatter(argparse.HelpFormatter):
    """Formats nothing: argparse makes one for every argument that is added."""

    def __init__(self, prog: str) -> None:
        """Leaves out everything, the look at the terminal too."""

    def __getattribute__(self, name: str) -> Any:
        """Answers every method with an empty text."""
        return lambda *_, **__: ""

"""`release-kit simulate`: does a scenario of promotions come out as it has to?"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from release_kit.cli.console import Console
from release_kit.errors import InputError, ReleaseError

if TYPE_CHECKING:
    from release_kit.documents.environments import Environments
    from release_kit.documents.scenario import Scenario
    from release_kit.engines.simulation.player import Result


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("scenario", metavar="SCENARIO", type=Path, help="what happens when, and what must come of it")
    parser.add_argument(
        "--environments", metavar="ENVIRONMENTS.json", type=Path, help="the declaration, instead of the scenario's"
    )
    parser.add_argument(
        "--promoter-release",
        metavar="RELEASE",
        help="play by the rules of this release of GitOps Promoter, instead of the declaration's",
    )
    parser.add_argument("--repository", metavar="DIR", type=Path, help="keep the git repository that it is played in")
    parser.add_argument("--svg", metavar="FILE", type=Path, help="draw the timeline")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Plays the scenario; returns 0 if everything comes out as it is expected.

    Raises:
        ReleaseError: it does not; the timeline has been printed.
    """
    from release_kit.documents import scenario as scenarios

    scenario = scenarios.load(arguments.scenario)
    place = arguments.environments or scenario.environments
    if place is None:
        raise InputError(f"{arguments.scenario}: names no environments", "name the declaration with --environments")
    declared = _declared(place, arguments.promoter_release)
    console.step(f"simulate: {scenario.name}, by the rules of GitOps Promoter {declared.promoter.release}")
    _check(scenario, declared, arguments.scenario)
    result = _play(scenario, declared, place.read_bytes(), arguments.repository)
    if arguments.svg:
        _draw(result, arguments.svg)
    _show(result, console, arguments.json)
    _warn(declared, console)
    if result.findings:
        remedies = dict.fromkeys(filter(None, (finding.remedy for finding in result.findings)))
        raise ReleaseError(f"{scenario.name}: {_counted(len(result.findings))}", "; ".join(remedies))
    console.step(f"everything came out as it is expected, after {_moves(len(result.merges))}")
    return 0


def _declared(place: Path, release: str | None) -> "Environments":
    from release_kit.documents import environments
    from release_kit.values import release_number

    declared = environments.load(place)
    if release is None:
        return declared
    number = release_number.parse(release, "--promoter-release")
    return declared._replace(promoter=declared.promoter._replace(release=number))


def _check(scenario: "Scenario", declared: "Environments", file: Path) -> None:
    from release_kit.engines.simulation.checking import check

    try:
        check(scenario, declared)
    except InputError as error:
        raise InputError(f"{file}: {error.message}", error.remedy) from error


def _play(scenario: "Scenario", declared: "Environments", declaration: bytes, folder: Path | None) -> "Result":
    from release_kit.adapters.simulated_repository import SimulatedRepository
    from release_kit.engines.simulation.player import play
    from release_kit.engines.simulation.simulated_stage import SimulatedStage

    with _kept(folder) as kept, SimulatedRepository(kept, declared.dry_branch) as writer:
        return play(scenario, declared, SimulatedStage(declared, declaration, writer, scenario.start))


@contextmanager
def _kept(folder: Path | None) -> Iterator[Path]:
    """Yields where the repository goes: the folder, or one that is removed in the end."""
    from tempfile import TemporaryDirectory

    if folder is not None:
        yield folder
        return
    with TemporaryDirectory(prefix="release-kit-simulate-") as temporary:
        yield Path(temporary)


def _draw(result: "Result", file: Path) -> None:
    from release_kit.engines.simulation.picture import picture

    try:
        file.write_text(picture(result), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file}: can't be written: {error.strerror}") from error


def _show(result: "Result", console: Console, as_json: bool) -> None:
    from release_kit.engines.simulation import account

    if as_json:
        import json

        console.result(json.dumps(account.document(result), indent=2))
        return
    console.table(account.HEADER, list(account.rows(result)))
    console.result("")
    console.table(account.END_HEADER, list(account.end_rows(result)))
    if result.findings:
        console.result("")
        console.table(account.FINDING_HEADER, list(account.finding_rows(result)))


def _warn(declared: "Environments", console: Console) -> None:
    """Says where this release of GitOps Promoter does not keep the order."""
    from release_kit.engines.simulation.simulated_stage import ORDERED_SINCE, unordered

    for before, after in unordered(declared):
        console.note(
            f"GitOps Promoter {declared.promoter.release} lets {after} go before {before}, which has no gate about "
            f"what is active; {ORDERED_SINCE} and newer don't"
        )


def _moves(number: int) -> str:
    return "1 promotion or rollback" if number == 1 else f"{number} promotions and rollbacks"


def _counted(number: int) -> str:
    return "1 thing is not as expected" if number == 1 else f"{number} things are not as expected"

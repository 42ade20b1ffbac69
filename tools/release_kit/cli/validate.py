"""`release-kit validate`: holds GitOps resources to the rules of GitOps Promoter and Argo CD (docs/validation.md)."""

import argparse
import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from release_kit.cli.console import Console
from release_kit.errors import InputError

if TYPE_CHECKING:
    from release_kit.engines.validation.chart_rules import Chart
    from release_kit.engines.validation.run import Options

KUBERNETES = "1.31"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="YAML files, and folders with such")
    parser.add_argument(
        "--promoter-release", metavar="X.Y.Z", help="of GitOps Promoter; by default the one that the files install"
    )
    parser.add_argument("--argocd-release", metavar="X.Y.Z", help="of Argo CD, for the forms of charts that it takes")
    parser.add_argument("--kubernetes", default=KUBERNETES, metavar="X.Y", help="release of Kubernetes")
    parser.add_argument(
        "--crds", action="append", default=[], metavar="PATH", help="published definitions, instead of the own tables"
    )
    parser.add_argument(
        "--environments",
        metavar="ENVIRONMENTS.json",
        help="the declaration: the files must be as it has them; what is hydrated from it is looked at, too",
    )
    parser.add_argument("--chart", metavar="PATH", help="the chart that Applications take: its folder, or packed")
    parser.add_argument("--set", metavar="SET.json", help="the release set, whose images must not be where charts are")
    parser.add_argument("--images", nargs="+", default=[], metavar="NAME", help="repositories of images, likewise")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--junit", metavar="FILE", help="write the report as JUnit, too")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Validates; returns 0 if there is no finding, 1 if there are some."""
    # All that is read here stays until the end: looking for cycles in it takes as long as reading it.
    gc.disable()
    try:
        return _run(arguments, console)
    finally:
        gc.enable()


def _run(arguments: argparse.Namespace, console: Console) -> int:
    from release_kit.adapters import yaml_files
    from release_kit.adapters.files import write_atomically
    from release_kit.adapters.kubernetes_schemas import BundledSchemas
    from release_kit.cli import validate_report
    from release_kit.engines.validation import run as validation

    found = yaml_files.read([Path(path) for path in arguments.paths])
    schemas = BundledSchemas(arguments.kubernetes)
    report = validation.validate(found.texts, found.unreadable, schemas, _options(arguments))
    if not report.objects and not report.findings:
        places = ", ".join(arguments.paths)
        raise InputError(f"{places}: there is no object of Kubernetes", "name the folder that is deployed")
    for folder in found.templates:
        console.note(f"{folder}: left out, Helm's templates are no YAML; `release-kit chart gate` looks at them")
    validate_report.show(report, console, arguments.json)
    # Bazel names a file for the report of a test.
    for place in filter(None, (arguments.junit, os.environ.get("XML_OUTPUT_FILE"))):
        write_atomically(Path(place), validate_report.junit(arguments.paths[0], report))
    return int(bool(report.findings))


def _options(arguments: argparse.Namespace) -> "Options":
    from release_kit.cli import definitions, validate_declared
    from release_kit.documents import environments
    from release_kit.engines.validation.run import Options
    from release_kit.values import release_number

    promoter, argocd = arguments.promoter_release, arguments.argocd_release
    options = Options(
        published=definitions.schemas(definitions.texts(_there(path) for path in arguments.crds)),
        chart=_chart(Path(arguments.chart)) if arguments.chart else None,
        images=tuple(_images(arguments)),
    )
    if arguments.environments:
        options = validate_declared.added(options, environments.load(Path(arguments.environments)), arguments.paths)
    if promoter:
        options = options._replace(
            release=release_number.parse(promoter, "--promoter-release"), because=Options().because
        )
    return options._replace(argocd=release_number.parse(argocd, "--argocd-release")) if argocd else options


def _there(path: str) -> Path:
    if not Path(path).exists():
        raise InputError(f"--crds: {path}: there is no such file or folder")
    return Path(path)


def _chart(place: Path) -> "Chart":
    from release_kit.adapters import charts
    from release_kit.engines.validation import chart_rules
    from release_kit.values.yaml_source import YamlError

    try:
        return chart_rules.chart(charts.load(place)[0])
    except YamlError as error:
        raise InputError(f"{place}: Chart.yaml:{error.line}: {error.message}") from error


def _images(arguments: argparse.Namespace) -> Iterator[str]:
    from release_kit.documents import release_set
    from release_kit.values.reference import parse_reference, parse_registry

    for name in arguments.images:
        found = parse_reference(name, "--images")
        yield f"{found.host}/{found.repository}"
    if arguments.set:
        released = release_set.load(Path(arguments.set))
        if released.registry is None:
            remedy = "name the images with --images HOST/REPOSITORY"
            raise InputError(f"{arguments.set}: it names no registry, so its repositories are not known", remedy)
        registry = parse_registry(released.registry, "registry")
        for image in released.images:
            yield f"{registry.host}/{registry.repository(image.repository)}"

"""`release-kit argocd repository`: tells Argo CD where a chart is."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from release_kit.adapters.files import write_atomically
from release_kit.cli.console import Console
from release_kit.documents import release_set
from release_kit.documents.release_set import ChartEntry
from release_kit.engines import argocd_repository
from release_kit.engines.argocd_repository import SCHEME, Form, Target
from release_kit.errors import InputError

ORIGIN = "# Written by `release-kit argocd repository`.\n#"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("set", metavar="SET.json", nargs="?", help="the release set that the chart is of")
    parser.add_argument("--registry", metavar="HOST[:PORT][/PREFIX]", help="instead of the set's")
    parser.add_argument("--chart", metavar="NAME", help="the chart; needed without a set, and where that has several")
    parser.add_argument(
        "--chart-repository",
        default="charts",
        metavar="PATH",
        help="where charts are below the registry, without a set",
    )
    parser.add_argument("--form", choices=list(Form), default=Form.CLASSIC, help="classic (Helm) or native (OCI)")
    parser.add_argument("--credentials", action="store_true", help="for all charts of the registry instead of this one")
    parser.add_argument("--name", help="of the Secret; by default the chart's, with -charts or -oci")
    parser.add_argument("--namespace", default="argocd", help="Argo CD's namespace")
    parser.add_argument("--project", help="the only project of Argo CD that may use it")
    parser.add_argument("--output", metavar="FILE", help="where to write; stdout otherwise")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Writes the Secret's template; returns the exit code."""
    target, form = _target(arguments), Form(arguments.form)
    name = arguments.name or f"{target.chart}-{'charts' if form is Form.CLASSIC else 'oci'}"
    make, url = argocd_repository.repository_secret, target.url(form)
    if arguments.credentials:
        make, url = argocd_repository.credentials_secret, f"{SCHEME if form is Form.NATIVE else ''}{target.registry}"
    text = f"{ORIGIN}\n{make(name, url, form, arguments.namespace, arguments.project)}"
    if arguments.output:
        write_atomically(Path(arguments.output), text)
    else:
        console.result(text)
    return 0


def _target(arguments: argparse.Namespace) -> Target:
    registry, repository, chart = arguments.registry, arguments.chart_repository, arguments.chart
    if arguments.set:
        released = release_set.load(Path(arguments.set))
        entry = _chosen(released.charts, chart, arguments.set)
        registry, repository, chart = registry or released.registry, entry.repository, _own_name(entry.source)
    if not registry:
        raise InputError("no registry is named", "say it with --registry, such as --registry ghcr.io/acme")
    if not chart:
        raise InputError("no chart is named", "say which with --chart, or name a release set")
    return argocd_repository.target(registry, repository, chart)


def _chosen(charts: Sequence[ChartEntry], name: str | None, place: str) -> ChartEntry:
    found = [chart for chart in charts if name in (None, chart.name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(chart.name for chart in charts) or "none"
    raise InputError(f"{place}: expected one chart{f' {name}' if name else ''}, found {names}", "name one with --chart")


def _own_name(source: Path) -> str:
    """Returns the name in a chart's Chart.yaml, which is where it is pushed to."""
    from release_kit.adapters import charts
    from release_kit.values.yaml_source import YamlError, read_one

    files, _ = charts.load(source)
    try:
        metadata = read_one(files.get("Chart.yaml", b"").decode(errors="replace")).value
    except YamlError as error:
        raise InputError(f"{source}: Chart.yaml:{error.line}: {error.message}") from error
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str):
        raise InputError(f"{source}: Chart.yaml: expected the chart's name, found {name!r:.100}")
    return name

"""What `release-kit hydrate` hydrates: the release's record, its dry commit, and what it renders."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from release_kit.adapters import environment_values
from release_kit.adapters.helm import LocalHelm, find
from release_kit.cli import released
from release_kit.cli.console import Console
from release_kit.documents import environments
from release_kit.documents.environments import Environment, Environments
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.gitops.applications import pinned_application
from release_kit.engines.promotion import dry
from release_kit.engines.promotion.chart_rendering import ChartRendering
from release_kit.engines.promotion.dry import ValuesFile
from release_kit.engines.promotion.hydration import Proposal
from release_kit.engines.promotion.hydrator import Release
from release_kit.engines.promotion.manifests import secrets
from release_kit.engines.promotion.released_chart import chart_of, pull
from release_kit.errors import InputError

Render = Callable[[Environment], Mapping[str, bytes]]


class ReleaseSource:
    """Reads what the arguments name."""

    def __init__(self, arguments: argparse.Namespace, console: Console) -> None:
        """Reads the declaration and the environments' values.

        Raises:
            InputError: one of them is not there, or is wrong.
        """
        self._arguments, self._console = arguments, console
        self._path = Path(arguments.environments)
        self.declared = environments.load(self._path)
        environment_values.load(self.declared)

    def record(self) -> ReleaseRecord:
        """Reads the record that is named, or fetches that of a version; as `released.record`."""
        return released.record(self.declared, self._arguments, self._console)

    def release(self, record: ReleaseRecord, scratch: Path) -> Release:
        """Makes the dry commit's files and what each chosen environment is to hold.

        Everything is rendered from the files of the dry commit: whoever has that can render it again.

        Args:
            record: the release's.
            scratch: an empty folder.

        Raises:
            InputError: the chart or the values of an environment are not what they should be.
            RegistryError: the registry does not have the chart.
        """
        values = {each.name: _values(each) for each in self.declared.environments}
        files = dry.contents(record, self._path.read_bytes(), values)
        declared = environments.load(_written(files, scratch / "dry") / dry.DECLARATION)
        render = self._renderer(record, declared, scratch)
        proposals = tuple(Proposal(each, record, render(each)) for each in self._chosen(declared))
        for proposal in proposals:
            if found := secrets(proposal.manifests):
                names = ", ".join(found)
                self._console.note(f"{proposal.environment.name}: whoever reads the repository can read {names}")
        return Release(record, files, proposals, self._arguments.again)

    def _chosen(self, declared: Environments) -> list[Environment]:
        names = dict.fromkeys(self._arguments.environment)
        chosen = [declared.environment(name, "--environment") for name in names]
        for each in chosen:
            if each.tracks:
                remedy = "leave it out: Argo CD takes the chart for it"
                raise InputError(f"--environment: {each.name} tracks versions: it has no branch", remedy)
        return chosen or [*declared.pinned]

    def _renderer(self, record: ReleaseRecord, declared: Environments, scratch: Path) -> Render:
        chart = chart_of(record, declared, self._arguments.registry)

        def application(environment: Environment) -> Mapping[str, bytes]:
            values = environment_values.merged_files(environment.values)
            return {"application.yaml": pinned_application(declared, environment, chart.version, values).encode()}

        if declared.delivery == "application":
            return application
        helm = LocalHelm(find(self._arguments.helm), _made(scratch / "helm"))
        self._console.detail(f"helm {helm.version}")
        with released.opened(self.declared, self._arguments, self._console) as registry:
            registry.only_reads()
            archive = pull(registry, chart)
        return ChartRendering(declared, archive, helm, _made(scratch / "chart")).files


def _values(environment: Environment) -> list[ValuesFile]:
    return [ValuesFile(path.name, path.read_bytes()) for path in environment.values]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _written(files: Mapping[str, bytes], folder: Path) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder

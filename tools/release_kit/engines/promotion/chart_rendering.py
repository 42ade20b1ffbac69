"""Renders the released chart for the environments."""

from collections.abc import Mapping
from pathlib import Path

from release_kit.documents.environments import Environment, Environments
from release_kit.engines.gates import helm_messages
from release_kit.engines.gitops.applications import release_name
from release_kit.engines.promotion.manifests import split
from release_kit.errors import InputError, ReleaseError
from release_kit.ports import Helm
from release_kit.values import chart_archive, template_source
from release_kit.values.helm_call import HelmCall

_FAR_EAST = 14
"""Hours: where it is tomorrow already, for most of the day."""


class ChartRendering:
    """One packed chart, rendered as Argo CD would: with its custom resource definitions and without its tests."""

    def __init__(self, declared: Environments, archive: bytes, helm: Helm, scratch: Path) -> None:
        """Takes an empty folder for what helm reads.

        Raises:
            InputError: it is no packed chart, or one that no loader should touch.
        """
        self._declared, self._helm, self._scratch = declared, helm, scratch
        self._files = chart_archive.unpack(archive, f"the chart {declared.chart.name}")
        self._chart = scratch / f"{declared.chart.name}.tgz"
        self._chart.write_bytes(archive)

    def files(self, environment: Environment) -> Mapping[str, bytes]:
        """Returns the rendered objects, each in a file of its own, by their names.

        Raises:
            InputError: the chart lacks a values file, or does not render with the environment's values.
            ReleaseError: two renderings differ, so that nobody could tell a change from chance.
        """
        call = self._call(environment)
        first = self._rendered(environment, call)
        if template_source.is_certain(self._files, b"\n".join(path.read_bytes() for path in call.overlays)):
            return first
        second = self._rendered(environment, call._replace(time_zone=_FAR_EAST))
        for name in sorted({*first, *second}):
            if first.get(name) != second.get(name):
                raise ReleaseError(
                    f"{environment.name}: two renderings of the chart differ in {name}",
                    "take what is random out of the chart, or give its value; the gate `determinism` says where it is",
                )
        return first

    def _call(self, environment: Environment) -> HelmCall:
        return HelmCall(
            chart=self._chart,
            release=release_name(self._declared),
            namespace=environment.namespace,
            kube_version=environment.kube_version,
            overlays=(*self._own_values(environment), *environment.values),
            api_versions=environment.api_versions,
            shows_crds=True,
        )

    def _rendered(self, environment: Environment, call: HelmCall) -> Mapping[str, bytes]:
        outcome = self._helm.template(call)
        if outcome.error:
            said = helm_messages.template(outcome.error)
            raise InputError(
                f"{environment.name}: the chart does not render: {said.file or 'helm'}: {said.message:.600}",
                "correct the environment's values, or release a chart that takes them",
            )
        return split(outcome.text, environment.namespace)

    def _own_values(self, environment: Environment) -> list[Path]:
        """Writes the values files that are in the packed chart to where helm finds them."""
        places = []
        for position, path in enumerate(environment.value_files):
            content = self._files.get(path.removeprefix("./"))
            if content is None:
                raise InputError(
                    f"{environment.name}: value_files: the packed chart has no {path!r:.200}",
                    "name files that are in it, such as values-prod.yaml; take care that .helmignore keeps them",
                )
            places.append(self._scratch / f"{environment.name}-{position:02}.yaml")
            places[-1].write_bytes(content)
        return places

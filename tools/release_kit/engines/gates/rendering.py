"""Renders a chart with one values file: plainly, once more, and with a tag and a pull policy that stand nowhere."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from release_kit.documents.chart_gates import ChartGates, ValuesFile
from release_kit.documents.rendering import Rendering
from release_kit.engines.background import Background, Pending
from release_kit.ports import Helm
from release_kit.values import template_source
from release_kit.values.helm_call import HelmCall, Outcome
from release_kit.values.merged_values import at, merged

MOST_TRIES = 6
"""How often more a chart is rendered that uses what comes in any order, before it counts as stable."""
_VERSION = re.compile(r"v?\d+(\.\d+){0,2}(-[0-9A-Za-z.-]+)?")


class Sentinel(NamedTuple):
    """A tag and a pull policy that stand nowhere in the chart."""

    tag: str
    policy: str


class Chart(NamedTuple):
    """A chart to render."""

    folder: Path
    files: Mapping[str, bytes]
    with_moved_clock: Callable[[], Path]
    """Makes a copy of the folder whose templates are told a later time."""
    hour: int
    """The hour of the day in Greenwich, from 0 to 23."""


class Renders:
    """The renders of one values file, under way in the background."""

    def __init__(
        self, chart: Chart, values: ValuesFile, config: ChartGates, helm: Helm, background: Background
    ) -> None:
        """Starts the renders."""
        self._chart = chart
        self._values = values
        self._config = config
        self._helm = helm
        call = HelmCall(
            chart.folder, config.release, config.namespace, config.kube_version, values.path, values.api_versions
        )
        self._call = call
        self._again_call = call._replace(time_zone=_other_day(chart.hour))
        # Helm is at work on these two while the reader of YAML is loaded for the others.
        self._plain = background.start(partial(helm.template, call))
        self._lint = background.start(partial(helm.lint, call))
        self._sentinel = sentinel(chart.files, values, config) if has_policy(config) else None
        marked = self._sentinel_call(call) if self._sentinel else None
        self._marked = background.start(partial(helm.template, marked)) if marked else None
        certain = template_source.is_certain(chart.files, values.path.read_bytes() if values.path else b"")
        self._again = None if certain else background.start(self._at_another_time)

    def _sentinel_call(self, call: HelmCall) -> HelmCall:
        assert self._sentinel
        keys = (self._config.tag_key, self._config.pull_policy_key)
        return call._replace(strings=tuple(zip(keys, self._sentinel, strict=True)))

    def result(self, version: str = "") -> Rendering:
        """Waits for the renders; `version` is that of helm, for the document.

        Raises:
            InputError: helm can't be run.
        """
        plain = self._plain.result()
        again = plain if self._again is None else self._again.result()
        if plain.error:
            # A program that is no helm, or an old one, fails for other reasons than the chart's.
            version = version or self._helm.version
        if "YAML parse error" in plain.error:
            plain = plain._replace(text=self._helm.template(self._call._replace(shows_faults=True)).text)
        if self._again and not plain.error and plain == again and template_source.is_in_any_order(self._chart.files):
            again = self._more(plain)
        tag, policy = self._sentinel or ("", "")
        return Rendering(
            values=self._values.name,
            helm=version,
            kube_version=self._config.kube_version,
            lint=self._lint.result(),
            plain=plain,
            again=again,
            sentinel=_result(self._marked),
            sentinel_tag=tag,
            sentinel_policy=policy,
        )

    def _at_another_time(self) -> Outcome:
        """Renders with another date, and where a template asks for the time, with a clock that is a year ahead."""
        if template_source.asks_for_the_time(self._chart.files):
            later = self._helm.template(self._again_call._replace(chart=self._chart.with_moved_clock()))
            if not later.error:
                return later
        return self._helm.template(self._again_call)

    def _more(self, plain: Outcome) -> Outcome:
        """Renders again where one more render may agree by chance."""
        for _ in range(MOST_TRIES):
            again = self._helm.template(self._again_call)
            if again != plain:
                return again
        return plain


def has_policy(config: ChartGates) -> bool:
    """Tells whether the document says which images are to follow the tag."""
    return bool(config.images or config.first_party)


def sentinel(files: Mapping[str, bytes], values: ValuesFile, config: ChartGates) -> Sentinel:
    """Returns a tag that looks like the application's version, as some charts refuse others, and a pull policy.

    The policy is not the one that the values say.
    """
    own = _values(files.get("values.yaml", b""))
    extra = _values(values.path.read_bytes()) if values.path else {}
    stated = at(merged(own, extra), config.pull_policy_key)
    return Sentinel(f"{_version(files)}-sentinel.1", "Always" if stated == "Never" else "Never")


def _values(content: bytes) -> dict[str, object]:
    from release_kit.values.yaml_source import YamlError, read_one

    try:
        value = read_one(content.decode(errors="replace")).value
    except YamlError:
        return {}
    return value if isinstance(value, dict) else {}


def _version(files: Mapping[str, bytes]) -> str:
    metadata = _values(files.get("Chart.yaml", b""))
    for key in ("appVersion", "version"):
        text = str(metadata.get(key, "")).partition("+")[0]
        if _VERSION.fullmatch(text):
            return text
    return "0.0.0"


def _other_day(hour: int) -> int:
    """Returns a time zone, in hours, where it is another day than in Greenwich."""
    return 14 if hour >= 12 else -12


def _result(pending: Pending[Outcome] | None) -> Outcome:
    return Outcome("") if pending is None else pending.result()

"""The program helm (https://helm.sh), version 3.19 or later or 4, as a child process that knows nothing of its user."""

import os
import re
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

from release_kit.errors import InputError, ReleaseError
from release_kit.values.helm_call import HelmCall, Outcome

PROGRAM_VARIABLE = "HELM_BIN"
OLDEST = (3, 19)
TIME_LIMIT_SECONDS = 600
_VERSION = re.compile(r"v(\d+)\.(\d+)\.\S+")
_REMEDY = f"install helm (https://helm.sh/docs/intro/install), or name it with --helm or {PROGRAM_VARIABLE}"


def find(named: str | None = None) -> Path:
    """Returns where helm is: what is named, else $HELM_BIN, else `helm` on PATH.

    Raises:
        InputError: there is none.
    """
    wanted = named or os.environ.get(PROGRAM_VARIABLE) or "helm"
    found = shutil.which(wanted)
    if found is None:
        raise InputError(f"{wanted} is not there or is no program", _REMEDY)
    return Path(found).absolute()


class LocalHelm:
    """Runs helm; its configuration, plugins and caches are an empty folder, and no cluster is asked."""

    def __init__(self, program: Path, scratch: Path) -> None:
        """Takes an empty folder for what helm writes."""
        self._program = program
        self._scratch = scratch
        self._version = ""

    @property
    def version(self) -> str:
        """Returns such as `v4.3.1`.

        Raises:
            InputError: it is no helm, or one that is too old.
        """
        if not self._version:
            said = self._run(["version", "--template", "{{.Version}}"], 0).text
            found = _VERSION.search(said)
            if not found or (int(found[1]), int(found[2])) < OLDEST:
                raise InputError(f"{self._program}: expected helm 3.19 or later, found {said.strip()!r:.100}", _REMEDY)
            self._version = found[0]
        return self._version

    def lint(self, call: HelmCall) -> Outcome:
        """Runs `helm lint --strict`; a chart with faults is an error whose text is what helm says."""
        common = ["--namespace", call.namespace, "--kube-version", call.kube_version, *_values(call)]
        return self._run(["lint", "--strict", *common, str(call.chart.absolute())], call.time_zone)

    def template(self, call: HelmCall) -> Outcome:
        """Runs `helm template`."""
        common = ["--namespace", call.namespace, "--kube-version", call.kube_version, *_values(call)]
        versions = [argument for version in call.api_versions for argument in ("--api-versions", version)]
        shown = [*(["--debug"] if call.shows_faults else []), *(["--include-crds"] if call.shows_crds else [])]
        chart = str(call.chart.absolute())
        return self._run(["template", call.release, chart, *common, *versions, *shown], call.time_zone)

    def _run(self, arguments: list[str], time_zone: int) -> Outcome:
        try:
            done = subprocess.run(
                [str(self._program), *arguments],
                env=self._environment(time_zone),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIME_LIMIT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ReleaseError(f"helm {arguments[0]} did not end within {TIME_LIMIT_SECONDS} seconds") from error
        except OSError as error:
            raise InputError(f"{self._program}: can't be run: {error.strerror}", _REMEDY) from error
        text, said = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace").strip()
        failed = f"exit code {done.returncode}" if done.returncode else ""
        return Outcome(text, (said or failed) if failed else "")

    def _environment(self, time_zone: int) -> dict[str, str]:
        folder = str(self._scratch)
        names = ("HOME", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME", "TMPDIR")
        return {
            **dict.fromkeys(names, folder),
            "PATH": os.environ.get("PATH", os.defpath),
            "KUBECONFIG": os.devnull,
            "TZ": self._time_zone_file(time_zone) if time_zone else "UTC",
            # A chart is rendered within a moment: memory is cheaper than collecting it.
            "GOGC": "off",
            "GOMEMLIMIT": "512MiB",
        }

    def _time_zone_file(self, hours: int) -> str:
        """Returns a file that Go takes for a time zone (RFC 8536, version 1), as a machine may have no others."""
        place = self._scratch / f"zone{hours:+}"
        if not place.exists():
            name = b"ZONE\0"
            header = b"TZif" + bytes(16) + struct.pack(">6l", 0, 0, 0, 0, 1, len(name))
            handle, draft = tempfile.mkstemp(dir=self._scratch)
            with os.fdopen(handle, "wb") as file:
                file.write(header + struct.pack(">lbb", hours * 3600, 0, 0) + name)
            Path(draft).replace(place)
        return str(place)


def _values(call: HelmCall) -> list[str]:
    paths = [*([] if call.values is None else [call.values]), *call.overlays]
    files = [part for path in paths for part in ("--values", str(path.absolute()))]
    return files + [part for key, text in call.strings for part in ("--set-string", f"{key}={_escaped(text)}")]


def _escaped(text: str) -> str:
    return re.sub(r"([\\,=])", r"\\\1", text)

"""A release set of two images and a chart that names one of them, pushed by the command line as a user does."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from release_kit.cli.app import main
from tests.support import artifacts, layouts, releases
from tests.support.helm import helm

EPOCH = "1700000000"
CREATED = "2023-11-14T22:13:20Z"
"""The same time, as a manifest has it."""
CHART = """\
apiVersion: v2
name: shop
description: A shop
version: 0.0.1
appVersion: 0.0.1
"""
VALUES = """\
# Where the images are.
images:
  core: {repository: core, tag: "", digest: ""}  # of the shop itself
replicas: 1
"""
TEMPLATE = """\
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}
  labels: {version: {{ .Chart.AppVersion | quote }}}
spec:
  containers:
    - name: core
      {{- with .Values.images.core }}
      image: "{{ .repository }}:{{ .tag }}@{{ .digest }}"
      {{- end }}
"""
FILES = {"Chart.yaml": CHART, "values.yaml": VALUES, "templates/pod.yaml": TEMPLATE}
USE = {"image": "core", "values": "images.core"}
CHARTS = "charts/shop"


def write_chart(folder: Path, files: Mapping[str, str] = FILES, **changed: str) -> Path:
    """Writes a chart's folder and returns it; `changed` replaces files by their names without the ending."""
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(changed.get(place.stem, text))
    return folder


class Workplace:
    """The set, a status file, and a registry to push to."""

    def __init__(self, folder: Path, host: str) -> None:
        """Writes layouts, chart and documents."""
        self.folder, self.host = folder, host
        made = {f"shop/{name}": layouts.image(folder / name, b"shared", name.encode()) for name in ("core", "web")}
        self.images = made
        self.chart = write_chart(folder / "chart")
        self.record = folder / "record.json"
        self.stamp()
        self.write()

    def stamp(self, version: str = "1.2.3", **more: str) -> None:
        """Writes the status file."""
        self.status = releases.write_status(self.folder, version, **{"epoch": EPOCH, **more})

    def write(self, *more: dict[str, Any], source: Path | None = None, **document: Any) -> None:
        """Writes the set: the chart from a source, more charts, and more fields."""
        chart = {"name": "shop", "repository": "charts", "source": str(source or self.chart), "images": [USE]}
        self.set = releases.write_set(self.folder, self.images, **{"charts": [chart, *more], **document})

    def plain(self, source: Path, **document: Any) -> None:
        """Writes the set with a chart from a source into which nothing is written."""
        chart = {"name": "shop", "repository": "charts", "source": str(source)}
        self.set = releases.write_set(self.folder, self.images, **{"charts": [chart], **document})

    def push(self, *more: str) -> int:
        """Pushes and returns the exit code."""
        common = ["--registry", self.host, "--status-file", str(self.status), "--record", str(self.record)]
        return main(["push", str(self.set), *common, *more])

    def recorded(self) -> Any:
        """Returns the record."""
        return json.loads(self.record.read_text())

    def manifest(self, name: str = f"{CHARTS}:1.2.3") -> Any:
        """Returns a manifest of the registry; None where there is none."""
        repository, _, tag = name.partition(":")
        answer = artifacts.get(self.host, f"{repository}/manifests/{tag}")
        return json.loads(answer.body) if answer.status == 200 else None

    def config(self, version: str = "1.2.3") -> Any:
        """Returns the config of the chart in the registry: its Chart.yaml."""
        digest = self.manifest(f"{CHARTS}:{version}")["config"]["digest"]
        return json.loads(artifacts.get(self.host, f"{CHARTS}/blobs/{digest}").body)

    def package(self, version: str = "1.2.3") -> bytes:
        """Returns the package in the registry."""
        digest = self.manifest(f"{CHARTS}:{version}")["layers"][0]["digest"]
        return artifacts.get(self.host, f"{CHARTS}/blobs/{digest}").body

    def helm(self, major: str, *arguments: str) -> str:
        """Runs a real helm, whose settings are the workplace's own; returns what it printed."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        command = [str(helm(major)), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def template(self, major: str, version: str = "1.2.3", prefix: str = "") -> str:
        """Renders the chart straight from the registry."""
        chart = f"oci://{self.host}/{prefix}{CHARTS}"
        return self.helm(major, "template", "rel", chart, "--version", version, "--plain-http")

"""A small good chart, and a way to hold it, with one thing changed, to its gates."""

import contextlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from release_kit.cli import app
from tests.support.helm import HELM_4, helm

CHART = """\
apiVersion: v2
name: shop
description: A shop
type: application
version: 1.2.3
appVersion: "1.2.3"
home: https://shop.example
icon: https://shop.example/icon.svg
maintainers:
  - name: acme
"""
VALUES = """\
# What all images have in common.
global:
  # A tag for all images; empty for the version of the application.
  imageTag: ""
  # When images are pulled.
  imagePullPolicy: IfNotPresent
# The shop's own image.
image:
  # Where it is.
  repository: ghcr.io/acme/shop/core
# How many there are.
replicas: 2
"""
HELPERS = """\
{{- define "shop.image" -}}
{{ .Values.image.repository }}:{{ .Values.global.imageTag | default (printf "v%s" .Chart.AppVersion) }}
{{- end -}}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: core
  labels:
    app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      app: core
  template:
    metadata:
      labels:
        app: core
    spec:
      initContainers:
        - name: wait
          image: {{ include "shop.image" . | quote }}
          imagePullPolicy: {{ .Values.global.imagePullPolicy }}
          command: ["wait"]
      containers:
        - name: core
          image: {{ include "shop.image" . | quote }}
          imagePullPolicy: {{ .Values.global.imagePullPolicy }}
          env:
            - name: PORT
              value: "8080"
          ports:
            - name: http
              containerPort: 8080
        - name: cache
          image: redis:8.8.0
"""
DATABASE = """\
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: shop-db
spec:
  instances: 1
  imageName: {{ include "shop.image" . | quote }}
  imagePullPolicy: {{ .Values.global.imagePullPolicy }}
"""
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: clusters.postgresql.cnpg.io
spec:
  group: postgresql.cnpg.io
  names:
    kind: Cluster
    plural: clusters
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [instances]
              properties:
                instances:
                  type: integer
                  minimum: 1
                imageName:
                  type: string
                imagePullPolicy:
                  type: string
"""
FILES = {
    "Chart.yaml": CHART,
    "values.yaml": VALUES,
    "values-demo.yaml": "replicas: 3\n",
    "templates/_helpers.tpl": HELPERS,
    "templates/core.yaml": DEPLOYMENT,
    "templates/database.yaml": DATABASE,
    "crds/cluster.yaml": CRD,
}
GATES: dict[str, Any] = {
    "schema": "rules_release/chart-gates/v1",
    "release": "shop",
    "namespace": "demo",
    "kube_version": "1.31.0",
    "values": ["values.yaml", "values-demo.yaml"],
    "images": [{"repository": "ghcr.io/acme/shop/core"}],
    "first_party": ["ghcr.io/acme/"],
    "allow": ["redis:8.8.0"],
    "golden": "golden",
    "previous": {"version": "1.2.2"},
}


class Shop:
    """The chart in a folder of a test, with its document beside it."""

    def __init__(self, folder: Path) -> None:
        """Writes the good chart."""
        self.folder = folder / "shop"
        self.config = folder / "GATES.json"
        self.gates = dict(GATES)
        for path, text in FILES.items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        """Writes a file of the chart."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def replace(self, path: str, old: str, new: str, count: int = -1) -> None:
        """Changes a file of the chart; `old` must be in it."""
        text = (self.folder / path).read_text()
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new, count))

    def gate(self, *arguments: str, major: str = HELM_4, as_json: bool = True) -> "Report":
        """Holds the chart to its gates, with its document."""
        self.config.write_text(json.dumps(self.gates))
        return self._run("--config", str(self.config), "--helm", str(helm(major)), *arguments, as_json=as_json)

    def gate_plainly(self, *arguments: str) -> "Report":
        """Holds the chart to its gates, without a document."""
        return self._run("--helm", str(helm(HELM_4)), *arguments)

    def _run(self, *arguments: str, as_json: bool = True) -> "Report":
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = app.main(["chart", "gate", str(self.folder), *arguments, *(["--json"] if as_json else [])])
        return Report(code, out.getvalue(), err.getvalue())

    def render(self, values: str, output: str, major: str = HELM_4) -> int:
        """Renders the chart with one values file into a document."""
        self.config.write_text(json.dumps(self.gates))
        common = ["chart", "render", str(self.folder), "--config", str(self.config), "--helm", str(helm(major))]
        return app.main([*common, "--values", values, "--output", output])


class Report:
    """What the gates said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        """Reads the report of a run that made one."""
        self.code, self.out, self.err = code, out, err
        self.document: Mapping[str, Any] = json.loads(out) if out.startswith("{") else {}

    @property
    def findings(self) -> list[dict[str, Any]]:
        """All findings."""
        return [finding for gate in self.document["gates"] for finding in gate["findings"]]

    def of(self, gate: str) -> list[dict[str, Any]]:
        """The findings of one gate."""
        return [finding for finding in self.findings if finding["gate"] == gate]

    def status(self, gate: str, values: str = "") -> str:
        """What became of a gate."""
        entries = (entry for entry in self.document["gates"] if entry["gate"] == gate)
        return next(str(entry["status"]) for entry in entries if values in ("", entry["values"]))

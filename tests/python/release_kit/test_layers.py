"""The layers of release_kit hold: imports go down only, and a push imports nothing that it does not need."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import release_kit
from tests.support import layouts, releases
from tests.support.fault_registry import FaultRegistry

ROOT = Path(release_kit.__file__).parent
LAYERS = ("errors", "values", "documents", "ports", "adapters", "engines", "cli", "__main__")
FORBIDDEN = {("engines", "adapters"), ("adapters", "engines"), ("documents", "ports")}
SOURCES = sorted(ROOT.rglob("*.py"))


def layer(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imported(source: Path) -> set[str]:
    nodes = ast.walk(ast.parse(source.read_text()))
    names = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name for name in names if name.split(".")[0] == "release_kit"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(source: Path) -> None:
    own = source.relative_to(ROOT).parts[0].removesuffix(".py")
    for name in filter(None, map(layer, imported(source))):
        assert LAYERS.index(name) <= LAYERS.index(own), f"{source}: {own} must not import {name}"
        assert (own, name) not in FORBIDDEN, f"{source}: {own} must not import {name}"


def test_every_module_belongs_to_a_layer() -> None:
    assert {path.relative_to(ROOT).parts[0].removesuffix(".py") for path in SOURCES} <= {*LAYERS, "__init__"}


CHARTS_ONLY = (
    "gzip",
    "jsonschema_rs",
    "kubernetes_validate",
    "release_kit.adapters.chart_folder",
    "release_kit.adapters.charts",
    "release_kit.engines.chart",
    "release_kit.engines.push.charts",
    "release_kit.values.yaml_source",
    "tarfile",
    "yaml",
    "zlib",
)
NOT_AT_START = (
    *CHARTS_ONLY,
    "concurrent.futures",
    "dataclasses",
    "email",
    "http.client",
    "inspect",
    "logging",
    "random",
    "release_kit.adapters.local_registry",
    "release_kit.adapters.registry.referrers",
    "rich",
    "ssl",
    "subprocess",
    "tempfile",
    "traceback",
)


@pytest.mark.parametrize("module", NOT_AT_START)
def test_starting_a_push_does_not_import_what_it_may_never_need(module: str) -> None:
    code = "import sys; import release_kit.cli.push; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], env={"PYTHONPATH": str(ROOT.parent)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert module not in done.stdout.split()


def test_a_push_of_images_only_never_imports_what_charts_need(tmp_path: Path) -> None:
    chosen = releases.write_set(tmp_path, {"shop/core": layouts.image(tmp_path / "core", b"layer")}, charts=[])
    status, record = releases.write_status(tmp_path), tmp_path / "record.json"
    code = "import sys; from release_kit.cli.app import main; code = main(); print(*sys.modules); sys.exit(code)"
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "HOME": str(tmp_path)}
    with FaultRegistry() as registry:
        command = [sys.executable, "-c", code, "push", str(chosen), "--registry", registry.host]
        command += ["--status-file", str(status), "--record", str(record)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not {*CHARTS_ONLY} & {*done.stdout.split()}

"""Which helm a module gets: looked for and downloaded when a rendering is analysed, and not before."""

import hashlib
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.workspace.clones import Clone

MODULE = """\
module(name = "scratch")
bazel_dep(name = "rules_release", version = "0.1.0")
local_path_override(module_name = "rules_release", path = "{path}")
helm = use_extension("@rules_release//bazel:extensions.bzl", "helm")
{declaration}
"""
BUILD = """\
load("@rules_release//bazel:helm.bzl", "helm_chart")
helm_chart(name = "chart", srcs = ["Chart.yaml"], chart_name = "scratch", golden = "")
"""
CHART = "apiVersion: v2\nname: scratch\nversion: 1.0.0\n"
RENDERING = "//:chart.render.values"


@dataclass(frozen=True)
class Module:
    """A module with a chart, in a folder of its own."""

    clone: Clone
    folder: Path

    def bazel(self, declaration: str, *arguments: str, code: int = 0) -> str:
        """Runs Bazel with a declaration of helm and returns what it said."""
        text = MODULE.format(path=self.clone.folder, declaration=declaration)
        (self.folder / "MODULE.bazel").write_text(text)
        outcome = self.clone.bazel(*arguments, folder=str(self.folder), code=code)
        return outcome.out + outcome.err

    def program(self, name: str, version: str) -> Path:
        """Makes a program that says it is helm, and no more."""
        path = self.folder / name
        path.write_text(f"#!/bin/sh\necho v{version}\n")
        path.chmod(0o755)
        return path


@pytest.fixture(scope="module")
def module(clone: Clone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Module]:
    made = Module(clone, tmp_path_factory.mktemp("scratch"))
    (made.folder / "BUILD.bazel").write_text(BUILD)
    (made.folder / "Chart.yaml").write_text(CHART)
    yield made
    made.bazel("", "clean", "--expunge")


def release(module: Module, platform: str) -> str:
    """Packs a release of Helm for one platform and returns its SHA-256."""
    folder = module.folder / "release" / platform
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(module.program("released", "4.3.1"), folder / "helm")
    archive = module.folder / "release" / f"helm-v4.3.1-{platform}.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(folder, platform)
    return hashlib.sha256(archive.read_bytes()).hexdigest()


def test_a_chart_is_laid_out_without_any_helm(module: Module) -> None:
    module.bazel("", "build", "//:chart")
    module.bazel('helm.toolchain(version = "4.3.1")', "build", "//:chart")
    module.bazel('helm.local(path = "/nonexistent/helm")', "build", "//:chart")


def test_a_rendering_says_what_to_declare(module: Module) -> None:
    said = module.bazel("", "build", RENDERING, code=1)
    assert "Helm 4 is missing. Declare it in MODULE.bazel" in said


def test_a_release_is_downloaded_for_the_platform_that_renders_only(module: Module) -> None:
    # Of the other platforms there is no archive to be had.
    digests = {platform: release(module, platform) for platform in ("linux-amd64", "linux-arm64")}
    urls = f'urls = ["file://{module.folder}/release/helm-v{{version}}-{{platform}}.{{kind}}"]'
    others = {"darwin-arm64": "0" * 64, "windows-amd64": "0" * 64}
    declaration = f'helm.toolchain(version = "4.3.1", sha256 = {others | digests}, {urls})'.replace("'", '"')
    said = module.bazel(declaration, "aquery", f'mnemonic("HelmRender", {RENDERING})')
    assert "with Helm 4.3.1" in said


def test_a_release_of_other_bytes_is_refused(module: Module) -> None:
    digests = {platform: release(module, platform)[::-1] for platform in ("linux-amd64", "linux-arm64")}
    urls = f'urls = ["file://{module.folder}/release/helm-v{{version}}-{{platform}}.{{kind}}"]'
    declaration = f'helm.toolchain(version = "4.3.1", sha256 = {digests}, {urls})'.replace("'", '"')
    assert "Checksum was" in module.bazel(declaration, "build", "--nobuild", RENDERING, code=1)


def test_a_release_without_a_checksum_says_where_to_find_it(module: Module) -> None:
    said = module.bazel('helm.toolchain(version = "4.3.1")', "build", "--nobuild", RENDERING, code=1)
    assert ".tar.gz.sha256sum" in said


@pytest.mark.parametrize(("version", "found"), [("4.2.0", True), ("3.19.5", False)])
def test_a_helm_of_the_machine_is_taken_if_it_has_the_version(module: Module, version: str, found: bool) -> None:
    program = module.program(f"helm-{version}", version)
    declaration = f'helm.local(version = "4", path = "{program}")'
    said = module.bazel(declaration, "aquery", f'mnemonic("HelmRender", {RENDERING})', code=0 if found else 1)
    assert (f"with Helm {version}" if found else f"{program} ({version})") in said


def test_two_declarations_of_one_version_are_refused(module: Module) -> None:
    both = 'helm.local(version = "4")\nhelm.toolchain(version = "4.3.1")'
    assert "there is one Helm 4; remove one of them" in module.bazel(both, "build", "//:chart", code=1)

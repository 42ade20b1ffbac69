"""`bazel run @rules_release//:init` in modules of others: what it writes holds its own tests, and is pushed."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.workspace.clones import Clone, Outcome, tags

MODULE = """\
module(name = "shop")

bazel_dep(name = "rules_oci", version = "2.3.0")
bazel_dep(name = "rules_release", version = "0.1.0")
local_path_override(
    module_name = "rules_release",
    path = "{path}",
)
"""
LOAD = 'load("@rules_oci//oci:defs.bzl", {})\n'
IMAGE = """
oci_image(
    name = "{}",
    architecture = "{}",
    os = "linux",
)
"""
INDEX = """
oci_image_index(
    name = "web",
    images = [
        ":web_amd64",
        ":web_arm64",
    ],
)
"""
PUSH = """
oci_push(
    name = "push_web",
    image = ":web",
    remote_tags = ["latest"],
    repository = "quay.io/team/site/web",
)
"""
CHART = "apiVersion: v2\nname: shop\ndescription: A shop.\nversion: 0.1.0\n"
VALUES = "web:\n  image:\n    repository: quay.io/team/site/web\n    tag: latest\n"
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}
spec:
  containers:
    - name: web
      image: "{{ .Values.web.image.repository }}:{{ .Values.web.image.tag }}"
"""


class Module:
    """A repository of somebody, at one place for all tests: so they share a Bazel server."""

    def __init__(self, clone: Clone, own: Clone) -> None:
        self._clone, self._own = clone, own

    def begin(self, files: dict[str, str], remote: str) -> None:
        """Makes it anew, of these files."""
        shutil.rmtree(self._own.folder)
        for path, text in (
            {"MODULE.bazel": MODULE.format(path=self._clone.folder), ".gitignore": "bazel-*\n"} | files
        ).items():
            place = self._own.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        self._own.git("init", "--quiet")
        self._own.git("remote", "add", "origin", remote)

    def bazel(self, *arguments: str, code: int = 0) -> Outcome:
        return self._clone.bazel(*arguments, folder=str(self._own.folder), code=code)

    def init(self, *arguments: str, code: int = 0) -> Outcome:
        return self.bazel("run", "@rules_release//:init", "--", *arguments, code=code)

    def release(self) -> None:
        self._own.git("add", "--all")
        self._own.release("0.1.0")

    def push(self, registry: str) -> None:
        """Pushes what would be pushed, first only in words."""
        shown = self.bazel("run", "//release:push", "--", "--registry", registry, "--dry-run")
        assert "would" in shown.err + shown.out
        self.bazel("run", "//release:push", "--", "--registry", registry)

    def is_formatted(self) -> bool:
        """Tells whether buildifier has nothing to say of what stands there."""
        files = [*self._own.folder.rglob("BUILD.bazel"), self._own.folder / "MODULE.bazel"]
        command = [
            str(self._clone.folder / "offline/enter"),
            "buildifier",
            "-mode=check",
            "-lint=warn",
            *map(str, files),
        ]
        return subprocess.run(command, cwd=self._own.folder, check=False).returncode == 0


@pytest.fixture(scope="module")
def module(clone: Clone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Module]:
    own = Clone(tmp_path_factory.mktemp("module"), clone.state)
    made = Module(clone, own)
    yield made
    made.bazel("clean", "--expunge")


def test_a_module_without_images_is_told_what_to_do(module: Module) -> None:
    module.begin({}, "https://github.com/acme/shop.git")
    told = module.init("--write", code=1).err
    assert "nothing to release" in told
    assert "declare an image with rules_oci or rules_img" in told


def test_images_get_a_package_that_releases_them(module: Module, host: str) -> None:
    build = LOAD.format('"oci_image", "oci_image_index"')
    build += "".join(
        IMAGE.format(*each) for each in [("core", "amd64"), ("web_amd64", "amd64"), ("web_arm64", "arm64")]
    )
    module.begin({"images/BUILD.bazel": build + INDEX}, "git@github.com:Acme/Shop.git")
    shown = module.init().out
    assert 'registry = "ghcr.io/acme"' in shown
    assert "web_amd64" not in shown.partition("push_targets(")[2]
    module.init("--write")
    assert module.is_formatted()
    module.bazel("build", "//...")
    module.release()
    module.push(f"{host}/first")
    assert "v0.1.0" in tags(host, "first/shop/core")
    assert "v0.1.0" in tags(host, "first/shop/web")
    assert "nothing to do" in module.init().err


def test_what_pushes_already_and_a_chart_get_one_and_its_tests_hold(module: Module, host: str) -> None:
    build = LOAD.format('"oci_image", "oci_push"') + IMAGE.format("web", "amd64") + PUSH
    chart = {"Chart.yaml": CHART, "values.yaml": VALUES, "templates/pod.yaml": POD}
    files = {"images/BUILD.bazel": build} | {f"charts/shop/{name}": text for name, text in chart.items()}
    module.begin(files, "git@git.example.com:team/site.git")
    told = module.init("--write").err
    assert "the gate chart-rules is left out until it holds: maintainers: expected at least one" in told
    assert module.is_formatted()
    assert "PASSED" in module.bazel("test", "//...").out
    module.release()
    module.push(f"{host}/second")
    assert "v0.1.0" in tags(host, "second/web")
    assert "0.1.0" in tags(host, "second/charts/shop")
    assert "nothing to do" in module.init().err

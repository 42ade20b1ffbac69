"""The charts that init releases, and those that it leaves out."""

import pytest

from release_kit.engines.init.chart_images import Repositories, places
from release_kit.errors import ReleaseError
from tests.support.init_workspaces import BUILD, CHART, MODULE, PUSH, VALUES, Workspace, rule


def test_a_chart_gets_its_target_its_images_and_a_helm(workspace: Workspace) -> None:
    workspace.write("helm/app/Chart.yaml", CHART)
    workspace.write("helm/app/values.yaml", VALUES)
    for path in (
        "helm/app/charts/sub/Chart.yaml",
        "node_modules/x/Chart.yaml",
        ".cache/x/Chart.yaml",
        "bazel-x/Chart.yaml",
    ):
        workspace.write(path, CHART.replace("shop", "never"))
    workspace.init("--write", "--helm", "no-such-helm")
    files = workspace.files()
    assert 'charts = {"//helm/app:chart": "shop/charts"}' in files["release/BUILD.bazel"]
    assert '"//helm/app:__pkg__",\n        "//release:__pkg__"' in files["docker/BUILD.bazel"]
    assert '    chart_name = "shop",\n' in files["helm/app/BUILD.bazel"]
    assert '    images = {"//docker:core": "images.core"},\n' in files["helm/app/BUILD.bazel"]
    assert files["MODULE.bazel"].endswith('//bazel:extensions.bzl", "helm")\nhelm.local(version = "4")\n')
    assert [path for path in files if path.endswith("BUILD.bazel")].count("never") == 0


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("helm/app/Chart.yaml", f"{CHART}type: library\n", "it is a library"),
        ("helm/app/Chart.yaml", "a: [", "its Chart.yaml can't be read"),
        ("Chart.yaml", CHART, "its files are those of the whole workspace"),
        ("docker/app/Chart.yaml", CHART, "docker/BUILD.bazel takes its files"),
    ],
)
def test_a_chart_that_can_not_be_a_package_is_left_out(workspace: Workspace, path: str, text: str, why: str) -> None:
    workspace.write(path, text)
    workspace.write("docker/BUILD.bazel", f'{BUILD}\nfilegroup(\n    name = "all",\n    srcs = glob(["app/**"]),\n)\n')
    done = workspace.init("--write")
    assert f"this chart is left out: {why}" in done.stderr
    assert workspace.files()["release/BUILD.bazel"] == PUSH


def test_two_charts_of_one_name_are_not_both_released(workspace: Workspace) -> None:
    for folder in ("a/shop", "b/shop"):
        workspace.write(f"{folder}/Chart.yaml", CHART)
    assert "b/shop: this chart is left out: a/shop has a chart of the same name" in workspace.init().stderr


def test_an_existing_chart_is_opened_for_the_release(workspace: Workspace) -> None:
    workspace.write("helm/app/Chart.yaml", CHART)
    workspace.says(rule("//helm/app:chart", "chart_folder", visibility=["//visibility:private"]))
    workspace.write("helm/app/BUILD.bazel", 'helm_chart(\n    name = "chart",\n)\n')
    workspace.init("--write")
    assert '"chart",\n    visibility = ["//release:__pkg__"],\n' in workspace.files()["helm/app/BUILD.bazel"]
    workspace.write("helm/app/BUILD.bazel", 'my_chart(\n    name = "chart",\n)\n')
    (workspace.folder / "release/BUILD.bazel").unlink()
    assert "not visible: //helm/app:chart for //release" in workspace.init("--write", code=2).stderr


@pytest.mark.parametrize(
    ("more", "files", "why"),
    [
        ("dependencies:\n- name: redis\n  version: 1.0.0\n", {}, "it can't be packed: charts/: expected the dep"),
        ("", {"values.yaml": "a: ["}, "it can't be packed: values.yaml:2: is no YAML"),
        ("name: MyShop\n", {}, "its name: expected a repository"),
    ],
)
def test_a_chart_that_can_not_be_pushed_is_left_out(
    workspace: Workspace, more: str, files: dict[str, str], why: str
) -> None:
    workspace.write("helm/app/Chart.yaml", (CHART.replace("name: shop\n", "") if "name: M" in more else CHART) + more)
    for path, text in files.items():
        workspace.write(f"helm/app/{path}", text)
    done = workspace.init("--write", "--helm", "no-such-helm")
    assert f"helm/app: this chart is left out: {why}" in done.stderr
    assert workspace.files()["release/BUILD.bazel"] == PUSH
    assert "helm/app/BUILD.bazel" not in workspace.files()


def test_a_chart_without_values_is_held_to_its_gates(workspace: Workspace) -> None:
    workspace.write("helm/app/Chart.yaml", CHART)
    assert "can't be asked" not in workspace.init("--write", "--helm", "no-such-helm").stderr
    assert "gates = " not in workspace.files()["helm/app/BUILD.bazel"]


def test_gates_that_can_not_be_asked_are_not_promised(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from release_kit.adapters.workspace_folder import WorkspaceFolder
    from release_kit.cli import init_charts
    from release_kit.engines.init.charts import Chart, Folder
    from release_kit.engines.init.edits import Edits
    from release_kit.engines.init.targets import Target

    def refuse(*_: object) -> None:
        raise ReleaseError("no")

    monkeypatch.setattr(init_charts, "_results", refuse)
    folder = WorkspaceFolder(workspace.folder)
    edits = Edits(folder.read)
    chart = Chart(Folder("helm", "app", is_library=False, values=""), Target("//helm:chart", ()), {}, is_new=True)
    assert init_charts.judged([chart], folder, "no-such-helm", edits)["helm"].gates == ()
    assert edits.notes[-1] == "helm: has no gates yet, as they can't be asked: no"


def test_all_charts_are_rendered_by_the_declared_helm(workspace: Workspace) -> None:
    declared = 'h = use_extension("@rules_release//bazel:extensions.bzl", "helm")\nh.local(version = "3")\n'
    workspace.write("MODULE.bazel", MODULE + declared)
    for name in ("one", "two"):
        workspace.write(f"helm/{name}/Chart.yaml", CHART.replace("shop", name))
    workspace.init("--write", "--helm", "no-such-helm")
    assert all('helm = ["3"]' in workspace.files()[f"helm/{name}/BUILD.bazel"] for name in ("one", "two"))


@pytest.mark.parametrize(
    ("ignored", "is_found"), [("helm/", False), ("./helm/app", False), ("# no helm here", True), ("helm here", True)]
)
def test_folders_are_ignored_as_bazel_ignores_them(workspace: Workspace, ignored: str, is_found: bool) -> None:
    workspace.write("helm/app/Chart.yaml", CHART)
    workspace.write(".bazelignore", f"{ignored}\n")
    done = workspace.init("--helm", "no-such-helm")
    assert ("+++ b/helm/app/BUILD.bazel" in done.stdout) == is_found


KNOWN = Repositories({"//a:core": "shop/a/core", "//b:core": "shop/b/core", "//r:x": "shop/redis"}, ("ghcr.io/acme",))


@pytest.mark.parametrize(
    ("repository", "label"),
    [
        ("ghcr.io/acme/shop/a/core", "//a:core"),
        ("acme/shop/b/core", "//b:core"),
        ("b/core", "//b:core"),
        ("redis", "//r:x"),
        ("core", ""),
        ("c/core", ""),
        ("bitnami/redis", ""),
        ("ghcr.io/other/shop/redis", ""),
        ("docker.io/bitnami/redis", ""),
        ("quay.io/acme/shop/redis", ""),
    ],
)
def test_values_name_an_image_by_the_end_of_its_repository(repository: str, label: str) -> None:
    notes: list[str] = []
    found = places(f"x:\n  repository: {repository}\n  tag: a\n", KNOWN, notes.append)
    assert found == ({label: ["x"]} if label else {})
    is_near = repository in ("core", "ghcr.io/other/shop/redis")
    assert [note.partition(":")[0] for note in notes] == ["x of values.yaml stays as it is"] * is_near


def test_without_a_registry_any_host_may_be_the_one() -> None:
    own, other = "r.example.com/team/shop/redis", "docker.io/bitnami/redis"
    text = f"x:\n  repository: {own}\n  tag: a\ny:\n  repository: {other}\n  tag: a\n"
    assert places(text, KNOWN._replace(registries=()), print) == {"//r:x": ["x"]}


def test_a_registry_of_its_own_counts() -> None:
    text = "x:\n  registry: docker.io\n  repository: redis\n  tag: a\n"
    assert places(text, KNOWN, print) == {}

"""What init writes into a workspace, what it leaves alone, and what it refuses."""

import os
import re
from pathlib import Path

import pytest

import release_kit
from release_kit.errors import ReleaseError
from tests.support.init_workspaces import BUILD, CHART, MODULE, VALUES, Workspace
from tests.support.secret_search import secret

PUSH = """\
load("@rules_release//bazel:push_targets.bzl", "push_targets")

# bazel run //release:push releases all of it; -- --dry-run shows what it would do.
push_targets(
    name = "push",
    images = {"//docker:core": "shop/core"},
    registry = "ghcr.io/acme",
)
"""
LINE = 'build --workspace_status_command="bash workspace_status.sh"\n'
PUBLISHED = Path(release_kit.__file__).with_name("workspace_status.sh")


def test_without_a_terminal_nothing_is_written_and_the_patch_is_the_result(workspace: Workspace) -> None:
    before = workspace.files()
    done = workspace.init()
    assert workspace.files() == before
    assert done.stdout.count("--- ") == 5
    assert "nothing is written; --write writes it" in done.stderr


def test_the_patch_is_what_git_applies_and_what_write_writes(workspace: Workspace, tmp_path: Path) -> None:
    patch = tmp_path / "init.patch"
    patch.write_text(workspace.init().stdout)
    workspace.git("apply", str(patch))
    applied = workspace.files()
    workspace.git("apply", "--reverse", str(patch))
    workspace.init("--write")
    assert workspace.files() == applied


def test_a_workspace_gets_all_that_a_release_needs(workspace: Workspace) -> None:
    workspace.init("--write")
    assert workspace.files() == {
        "MODULE.bazel": MODULE,
        ".bazelrc": f"# Tells each build its version and commit, with which releases are tagged.\n{LINE}",
        "VERSION": "0.1.0\n",
        "docker/BUILD.bazel": BUILD.replace("],\n", '],\n    visibility = ["//release:__pkg__"],\n'),
        "release/BUILD.bazel": PUSH,
        "workspace_status.sh": PUBLISHED.read_text(),
    }
    assert os.access(workspace.folder / "workspace_status.sh", os.X_OK)


def test_a_second_run_finds_nothing_to_do(workspace: Workspace) -> None:
    workspace.init("--write")
    workspace.has(("//docker:core", "oci_image"), ("//release:push.set", "release_set"))
    after = workspace.files()
    done = workspace.init("--write")
    assert (done.stdout, workspace.files()) == ("", after)
    assert "nothing to do" in done.stderr


def test_the_script_is_the_one_of_this_repository() -> None:
    sources = [Path(__file__).parents[3] / "workspace_status.sh", Path("workspace_status.sh")]
    assert PUBLISHED.read_bytes() == next(path for path in sources if path.exists()).read_bytes()


def test_what_git_archive_has_put_into_the_script_is_taken_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from release_kit.cli import init

    text = PUBLISHED.read_text()
    archived = text.replace("$Format:%H$", "a" * 40).replace("$Format:%ct$", "1700000000")
    assert archived != text
    (tmp_path / "cli").mkdir()
    (tmp_path / "workspace_status.sh").write_text(archived)
    monkeypatch.setattr(init, "__file__", str(tmp_path / "cli" / "init.py"))
    assert init._script() == text


@pytest.mark.parametrize("rc", ["build --config=x", "build --config=x\n", "build \\\n  --config=x \\\n"])
def test_a_bazelrc_gets_one_line_at_its_end(workspace: Workspace, rc: str) -> None:
    workspace.write(".bazelrc", rc)
    workspace.init("--write")
    text = workspace.files()[".bazelrc"]
    assert text.startswith(f"{rc.rstrip(chr(10))}\n\n# ")
    assert text.endswith(f"\n{LINE}")


@pytest.mark.parametrize("place", [".bazelrc", "tools/ci.bazelrc"])
def test_a_stamp_that_is_there_is_kept_and_told_what_it_lacks(workspace: Workspace, place: str) -> None:
    workspace.write(".bazelrc", "try-import %workspace%/tools/ci.bazelrc\nimport %workspace%/.bazelrc\n")
    workspace.write(place, "# no\nbuild --workspace_status_command=./tools/status.sh\n")
    workspace.write("tools/status.sh", "echo STABLE_COMMIT_SHA $(git rev-parse HEAD)\n")
    done = workspace.init("--write")
    assert "'./tools/status.sh' is kept; add to what it prints: STABLE_VERSION, STABLE_DIRTY" in done.stderr
    assert {"VERSION", "workspace_status.sh"}.isdisjoint(workspace.files())


def test_a_script_that_nothing_calls_is_not_taken_for_ours(workspace: Workspace) -> None:
    workspace.write("workspace_status.sh", "echo mine\n")
    before = workspace.files()
    assert "move it away" in workspace.init("--write", code=2).stderr
    assert workspace.files() == before


def test_the_version_is_that_of_the_last_tag(workspace: Workspace) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    workspace.git(*identity, "commit", "--quiet", "--allow-empty", "--message", "x")
    workspace.git("tag", "v2.3.4")
    workspace.init("--write")
    assert workspace.files()["VERSION"] == "2.3.4\n"


def test_a_module_without_rules_release_gets_it(workspace: Workspace) -> None:
    workspace.write("MODULE.bazel", 'module(name = "shop")\n\nbazel_dep(\n    name = "rules_oci",\n)\n\nx = 1\n')
    workspace.init("--write")
    line = f'bazel_dep(name = "rules_release", version = "{release_kit.version()}")\n'
    assert workspace.files()["MODULE.bazel"].endswith(f'"rules_oci",\n)\n{line}\nx = 1\n')


def test_the_module_is_called_as_the_workspace_calls_it(workspace: Workspace) -> None:
    workspace.write(
        "MODULE.bazel", MODULE.replace(")\n", ', repo_name = "releases")\n').replace('shop", repo', 'shop", x')
    )
    workspace.init("--write")
    assert workspace.files()["release/BUILD.bazel"] == PUSH.replace("@rules_release", "@releases")


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


def test_nothing_to_release_says_what_to_do(workspace: Workspace) -> None:
    workspace.has()
    done = workspace.init("--write", code=1)
    assert "nothing to release" in done.stderr
    assert "declare an image with rules_oci or rules_img, or add a folder with a Chart.yaml" in done.stderr


def test_an_image_that_can_not_be_made_visible_is_named(workspace: Workspace) -> None:
    workspace.write("docker/BUILD.bazel", '[oci_image(name = each) for each in ["core"]]\n')
    before = workspace.files()
    done = workspace.init("--write", code=2)
    assert "not visible: //docker:core for //release" in done.stderr
    assert workspace.files() == before


@pytest.mark.parametrize("seen", ["//visibility:public", "//:__subpackages__", "//release:__pkg__", "//docker:friends"])
def test_an_image_that_is_visible_is_left_alone(workspace: Workspace, seen: str) -> None:
    workspace.has(("//docker:core", "oci_image"), visibility=seen)
    workspace.init("--write")
    assert workspace.files()["docker/BUILD.bazel"] == BUILD


def test_a_package_that_is_there_is_not_touched(workspace: Workspace) -> None:
    workspace.write("release/BUILD", "x()\n")
    assert "release/BUILD: is there already" in workspace.init("--write", code=2).stderr
    workspace.init("--write", "--package", "releases")
    assert {"release/BUILD", "releases/BUILD.bazel"} <= {*workspace.files()}


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", "", "a b", "-x"])
def test_a_package_is_a_package(workspace: Workspace, name: str) -> None:
    assert "--package: expected a name" in workspace.init("--write", f"--package={name}", code=2).stderr


@pytest.mark.parametrize("path", ["docker/BUILD.bazel", ".bazelrc", "release"])
def test_no_link_leads_out_of_the_workspace(workspace: Workspace, tmp_path: Path, path: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir() if path == "release" else outside.write_text(BUILD)
    (workspace.folder / path).unlink(missing_ok=True)
    (workspace.folder / path).symlink_to(outside)
    before = workspace.files()
    assert "link" in workspace.init("--write", code=2).stderr
    assert workspace.files() == before
    assert outside.is_dir() or outside.read_text() == BUILD


def test_a_folder_that_can_not_be_written_leaves_all_as_it_was(workspace: Workspace) -> None:
    (workspace.folder / "release").write_text("a file")
    before = workspace.files()
    done = workspace.init("--write", code=2)
    assert re.search("release/BUILD.bazel.*can't be", done.stderr)
    assert workspace.files() == before


def test_what_bazel_says_is_shown_and_nothing_is_written(workspace: Workspace) -> None:
    workspace.fails(
        "import sys; sys.stderr.write('Loading\\nERROR: docker/BUILD: no such \\x1b[31mpackage\\n'); sys.exit(7)"
    )
    before = workspace.files()
    done = workspace.init("--write", code=2)
    assert "bazel query: ERROR: docker/BUILD: no such ?[31mpackage" in done.stderr
    assert workspace.files() == before


def test_a_workspace_without_any_package_has_no_image(workspace: Workspace) -> None:
    workspace.fails("import sys; sys.stderr.write(\"ERROR: no targets found beneath ''\\n\"); sys.exit(7)")
    assert "nothing to release" in workspace.init("--write", code=1).stderr


def test_another_command_of_the_workspace_is_not_waited_for(workspace: Workspace) -> None:
    workspace.fails(
        "import sys; assert sys.argv[1] == '--noblock_for_lock'; sys.stderr.write('Another command'); sys.exit(9)"
    )
    assert "wait for its end" in workspace.init("--write", code=2).stderr


def test_no_bazel_says_how_to_name_one(workspace: Workspace) -> None:
    assert "name the program with --bazel" in workspace.init("--bazel", "no-such-bazel", code=2).stderr


def test_a_password_of_the_remote_is_nowhere(workspace: Workspace) -> None:
    for host in ("github.com", "git.example.com"):
        workspace.git("remote", "set-url", "origin", f"https://me:{secret('remote')}@{host}/acme/shop.git")
        done = workspace.init("-v")
        assert (
            "ghcr.io/acme" in done.stdout if host == "github.com" else "the git remote origin is at no" in done.stderr
        )
        assert secret("remote") not in done.stdout + done.stderr


def test_an_address_that_git_rewrites_counts_as_git_uses_it(workspace: Workspace) -> None:
    workspace.git("config", "url.git@github.com:.insteadOf", "gh:")
    workspace.git("remote", "set-url", "origin", "gh:other/shop")
    assert 'registry = "ghcr.io/other"' in workspace.init().stdout


def test_control_characters_of_files_do_not_reach_the_terminal(workspace: Workspace) -> None:
    workspace.write(".bazelrc", "# \x1b]0;evil\x07\n")
    done = workspace.init()
    assert "\\x1b]0;evil" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_an_interrupted_write_leaves_all_as_it_was(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from release_kit.adapters.workspace_folder import WorkspaceFolder
    from release_kit.cli import init
    from release_kit.engines.init.edits import Change

    def replace(draft: Path, place: Path) -> None:
        if draft.suffix == ".new" and place.name == "b":
            raise KeyboardInterrupt
        draft.rename(place)

    before = workspace.files()
    module = Change("MODULE.bazel", MODULE, f"{MODULE}# more\n")
    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        init._write(WorkspaceFolder(workspace.folder), [module, Change("new/a", None, "a"), Change("new/b", None, "b")])
    assert workspace.files() == before
    assert not (workspace.folder / "new").exists()


def test_a_file_that_has_changed_since_it_was_shown_is_not_written(workspace: Workspace) -> None:
    from release_kit.adapters.workspace_folder import WorkspaceFolder
    from release_kit.cli import init
    from release_kit.engines.init.edits import Change

    before = workspace.files()
    changes = [Change("a", None, "a"), Change("MODULE.bazel", "older", "newer")]
    with pytest.raises(ReleaseError, match="MODULE.bazel: has changed meanwhile"):
        init._write(WorkspaceFolder(workspace.folder), changes)
    assert workspace.files() == before


@pytest.mark.parametrize(("answer", "is_written"), [(b"y\n", True), (b"\n", False), (b"no\n", False), (b"\x04", False)])
def test_a_terminal_is_asked(workspace: Workspace, answer: bytes, is_written: bool) -> None:
    before = workspace.files()
    terminal, seat = os.openpty()
    try:
        os.write(terminal, answer)
        done = workspace.init(seat=seat)
        told = os.read(terminal, 1 << 16).decode()
    finally:
        os.close(terminal)
        os.close(seat)
    assert "write these 5 files? [y/N]" in told
    assert "--- a/docker/BUILD.bazel" in done.stdout
    assert (workspace.files() != before) == is_written

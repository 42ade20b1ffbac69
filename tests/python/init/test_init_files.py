"""What init writes into a workspace, what it leaves alone, and what it refuses."""

import os
from pathlib import Path

import pytest

from tests.support.init_workspaces import BUILD, LINE, MODULE, PUBLISHED, PUSH, Workspace, rule


def test_without_a_terminal_nothing_is_written_and_the_patch_is_the_result(workspace: Workspace) -> None:
    before = workspace.files()
    done = workspace.init()
    assert workspace.files() == before
    assert done.stdout.count("--- ") == 5
    assert "nothing is written; --write writes it" in done.stderr


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


def test_who_sees_an_image_by_default_still_sees_it(workspace: Workspace) -> None:
    workspace.write("docker/BUILD.bazel", f'package(default_visibility = ["//deploy:__pkg__"])\n\n{BUILD}')
    workspace.has(("//docker:core", "oci_image"), visibility="//deploy:__pkg__")
    workspace.init("--write")
    wanted = '    visibility = [\n        "//deploy:__pkg__",\n        "//release:__pkg__",\n    ],\n'
    assert wanted in workspace.files()["docker/BUILD.bazel"]


@pytest.mark.parametrize(
    "taking",
    [
        'glob(["release/**"])',
        'glob(["**"])',
        'glob([each + "/**"])',
        'glob(["%s/**"])',
        'exports_files(["release/notes.md"])',
    ],
)
def test_a_package_that_would_cut_off_files_is_refused(workspace: Workspace, taking: str) -> None:
    workspace.write("BUILD.bazel", f"x = {taking}\n")
    workspace.init()
    workspace.write("release/notes.md", "x")
    done = workspace.init("--write", code=2)
    assert "release: BUILD.bazel takes its files" in done.stderr
    assert "--package" in done.stderr
    workspace.write(
        "BUILD.bazel", 'load("@rules_release//bazel:x.bzl", "x")\nx(glob(["docs/**"]), "//release:__pkg__")\n'
    )
    workspace.init("--write")


def test_what_is_left_out_is_told(workspace: Workspace) -> None:
    seen = ["//visibility:public"]
    workspace.says(
        rule("//docker:core", "oci_image", visibility=seen),
        rule("//docker:debug", "oci_image", visibility=seen, base="//docker:core"),
        rule("//docker:push", "oci_push", image="//docker:made", repository="quay.io/team/web"),
    )
    told = workspace.init().stderr
    assert "left out, as other images stand on them: //docker:core;" in told
    assert "//docker:push: what it pushes is no image of this release: //docker:made" in told


def test_what_git_does_not_see_is_told(workspace: Workspace) -> None:
    workspace.write(".gitignore", "[Rr]elease/\n/.bazelrc\n")
    workspace.write(".bazelrc", "")
    told = workspace.init("--write").stderr
    assert "release/BUILD.bazel: git does not see it" in told
    assert "VERSION: git" not in told

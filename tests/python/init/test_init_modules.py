"""What init does to MODULE.bazel, and to the registry by the git remote."""

import pytest

import release_kit
from tests.support.init_workspaces import CHART, MODULE, PUSH, Workspace
from tests.support.secret_search import secret


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


HELM = 'h = use_extension("@deps//bazel:extensions.bzl", "helm")\nh.local(version = "3")\n'


def test_what_an_included_file_declares_is_not_declared_again(workspace: Workspace) -> None:
    workspace.write("MODULE.bazel", 'module(name = "shop")\ninclude("//bazel:deps.MODULE.bazel")\n')
    dep = 'bazel_dep(name = "rules_release", version = "0.1.0", repo_name = "deps")\n'
    workspace.write("bazel/deps.MODULE.bazel", f'{dep}include("//:more.MODULE.bazel")\n')
    workspace.write("more.MODULE.bazel", f'{HELM}include("//:more.MODULE.bazel")\n')
    workspace.write("helm/app/Chart.yaml", CHART)
    before = workspace.files()
    workspace.init("--write", "--helm", "no-such-helm")
    after = workspace.files()
    assert before.items() <= {**after, "docker/BUILD.bazel": before["docker/BUILD.bazel"]}.items()
    assert 'load("@deps//bazel:push_targets.bzl"' in after["release/BUILD.bazel"]
    assert 'helm = ["3"]' in after["helm/app/BUILD.bazel"]


@pytest.mark.parametrize(
    ("commands", "why"),
    [
        ([("remote", "remove", "origin")], "there is no git remote"),
        (
            [("remote", "rename", "origin", "a"), ("remote", "add", "b", "git@github.com:x/y")],
            "there are several git remotes (a, b), and none is called origin",
        ),
        ([("config", "core.repositoryFormatVersion", "99")], "git tells no remote"),
    ],
)
def test_why_there_is_no_registry_is_told(workspace: Workspace, commands: list[tuple[str, ...]], why: str) -> None:
    for each in commands:
        workspace.git(*each)
    assert f"registry: left out, as {why}" in workspace.init().stderr

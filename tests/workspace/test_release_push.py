"""`bazel run //release:push` in a clean clone: the four tags, the unreleased builds, and no action run twice."""

import re
from pathlib import Path

import pytest

from tests.workspace.clones import Clone, tags

REPOSITORIES = ("shop/core", "shop/datasvc", "shop/web")
CHEAP_TESTS = ("//tests/starlark/...", "//helm/shop:chart.chart-rules")


def digest_tag(digest: str) -> str:
    return f"sha-{digest[7:19]}"


def test_an_unreleased_commit_gets_sha_tags_only_and_hears_why(clone: Clone, host: str) -> None:
    clone.git("commit", "--quiet", "--allow-empty", "--message", "unreleased")
    before = {repository: set(tags(host, repository)) for repository in REPOSITORIES}
    said = clone.push().err
    assert len(re.findall(r"unreleased build .* the tag v<VERSION>", said)) == 1
    commit = clone.git("rev-parse", "HEAD")
    for repository in REPOSITORIES:
        found = tags(host, repository)
        assert set(found) >= {f"sha-{commit}", digest_tag(found[f"sha-{commit}"])}
        assert all(name.startswith("sha-") for name in set(found) - before[repository])


def test_a_commit_with_its_tag_is_released_with_four_tags(clone: Clone, host: str) -> None:
    commit = clone.release("1.2.3")
    clone.push("--registry", host)
    for repository in REPOSITORIES:
        found = tags(host, repository)
        digest = Path(clone.folder, f"bazel-bin/docker/images/{repository[5:]}.json.sha256")
        clone.bazel("build", f"//docker/images:{repository[5:]}.digest")
        assert {found[name] for name in (f"sha-{commit}", "v1.2.3", "latest")} == {digest.read_text().strip()}
        assert found[digest_tag(found["latest"])] == found["latest"]


def test_a_second_push_pushes_nothing_and_says_so(clone: Clone, host: str) -> None:
    before = [tags(host, repository) for repository in REPOSITORIES]
    assert f"nothing to push: all 13 tags of 3 images and 1 chart are in {host} already" in clone.push().err
    assert [tags(host, repository) for repository in REPOSITORIES] == before


def test_a_dry_run_shows_the_plan_and_writes_nothing(clone: Clone, host: str) -> None:
    clone.release("1.2.4")
    outcome = clone.push("--dry-run")
    assert "create v1.2.4" in outcome.out
    assert "v1.2.4" not in tags(host, "shop/core")


@pytest.mark.parametrize(
    ("kind", "version"), [("pre-release", "1.3.0"), ("dirty tree", "1.3.1"), ("unreleased", "1.3.2")]
)
def test_what_is_no_release_never_moves_latest(clone: Clone, host: str, kind: str, version: str) -> None:
    source = clone.folder / "docker" / "images" / "core" / "shop_core" / "__init__.py"
    clone.release(version)
    clone.push()
    before = tags(host, "shop/core")
    source.write_text(source.read_text() + f"# {kind}\n")
    if kind != "dirty tree":
        clone.git("commit", "--quiet", "--all", "--message", kind)
    if kind == "pre-release":
        clone.release("1.4.0-rc.1")
    clone.push()
    after = tags(host, "shop/core")
    clone.git("reset", "--quiet", "--hard", f"v{version}")
    clone.git("tag", "--delete", f"v{version}")
    assert after["latest"] == before["latest"]
    new = set(after) - set(before)
    assert digest_tag(next(after[name] for name in new)) in new
    assert [name for name in new if name.startswith("v")] == (["v1.4.0-rc.1"] if kind == "pre-release" else [])


def test_after_a_commit_or_a_new_version_no_action_is_executed(clone: Clone, host: str) -> None:
    clone.push()
    clone.bazel("test", *CHEAP_TESTS)
    for version in ("2.0.0", "2.0.1"):
        clone.release(version)
        assert clone.executed("run", "//release:push") == []
        assert f"v{version}" in tags(host, "shop/web")
        assert clone.executed("test", *CHEAP_TESTS) == []


def test_the_execution_log_would_show_an_executed_action(clone: Clone) -> None:
    source = clone.folder / "docker" / "images" / "web" / "shop_web" / "__init__.py"
    source.write_text(source.read_text() + "# changed\n")
    executed = clone.executed("build", "//docker/images:web")
    clone.git("checkout", "--quiet", ".")
    assert executed

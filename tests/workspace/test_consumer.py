"""tests/consumer, a module of its own that depends on this one."""

from tests.workspace.clones import Clone, tags

CONSUMER = "tests/consumer"


def test_its_targets_build_and_its_release_is_pushed(clone: Clone, host: str) -> None:
    clone.bazel("build", "//...", folder=CONSUMER)
    clone.bazel("run", "//:push", "--", "--registry", f"{host}/acme", folder=CONSUMER)
    assert tags(host, "acme/hello/greeting")


def test_its_environments_hold(clone: Clone) -> None:
    clone.bazel("test", "//gitops/...", folder=CONSUMER)


def test_oci_push_of_rules_oci_takes_the_tag_file(clone: Clone, host: str) -> None:
    (clone.folder / CONSUMER / "VERSION").write_text("3.2.1\n")
    clone.git("commit", "--quiet", "--all", "--message", "release")
    clone.git("tag", "v3.2.1")
    where = f"{host}/rules_oci/greeting"
    clone.bazel("run", "--stamp", "//:push_with_rules_oci", "--", "--repository", where, folder=CONSUMER)
    clone.bazel("run", "//:push", "--", "--registry", f"{host}/ours", folder=CONSUMER)
    theirs, ours = tags(host, "rules_oci/greeting"), tags(host, "ours/hello/greeting")
    assert theirs == ours
    assert set(ours) == {f"sha-{clone.git('rev-parse', 'HEAD')}", "v3.2.1", "latest", f"sha-{ours['latest'][7:19]}"}


def test_no_dependency_of_development_reaches_it(clone: Clone) -> None:
    graph = clone.bazel("mod", "graph", "--output", "json", folder=CONSUMER).out
    assert "rules_release" in graph
    assert "rules_shell" not in clone.bazel("mod", "deps", "rules_release", folder=CONSUMER).out


def test_only_what_runs_release_kit_downloads_its_packages(clone: Clone) -> None:
    hub = "rules_release_pypi//rich"
    assert hub in clone.bazel("cquery", "deps(//:push)", folder=CONSUMER).out
    assert hub not in clone.bazel("cquery", "deps(//:image)", folder=CONSUMER).out

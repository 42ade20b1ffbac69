"""What Bazel runs again of a chart after a change."""

from pathlib import Path

import pytest

from tests.workspace.clones import Clone

TESTS = "//helm/shop:chart.tests"
VALUES_GATES, CHART_GATES, HELMS = 6, 3, 2


@pytest.fixture
def chart(clone: Clone) -> Path:
    """The sample's chart, all of whose tests have passed as it is now, whatever an earlier test changed."""
    clone.bazel("test", TESTS)
    return clone.folder / "helm" / "shop"


def test_one_changed_values_file_is_rendered_and_tested_again_alone(clone: Clone, chart: Path) -> None:
    values = chart / "values-demo.yaml"
    values.write_text(values.read_text() + "# changed\n")
    executed = clone.executed("test", TESTS)
    clone.git("checkout", "--quiet", ".")
    assert executed.count("HelmRender") == HELMS
    image_set = 1
    assert executed.count("TestRunner") == (VALUES_GATES + image_set) * HELMS + CHART_GATES


def test_a_new_version_runs_no_action_of_a_chart(clone: Clone, chart: Path) -> None:
    clone.bazel("build", "//helm/...")
    clone.release("3.0.0")
    assert clone.executed("build", "//helm/...") == []
    assert clone.executed("test", TESTS) == []


def test_a_link_out_of_the_chart_fails_until_it_is_replaced(clone: Clone, chart: Path) -> None:
    gate, inside, outside = "//helm/shop:chart.package", chart / "files" / "more.sql", clone.folder / "more.sql"
    outside.write_text("select 1;\n")
    inside.symlink_to("../../../more.sql")
    failed = clone.bazel("test", gate, code=3)
    assert "files/more.sql: is a symbolic link that leaves the chart, to ../../more.sql" in failed.out + failed.err
    inside.unlink()
    inside.write_text("select 1;\n")
    clone.bazel("test", gate)
    inside.unlink()
    outside.unlink()

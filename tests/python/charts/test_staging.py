"""`release-kit chart stage`: the folder it lays out, and the links that it finds in the source tree."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from release_kit.cli import app
from release_kit.documents import chart_files
from release_kit.engines.chart.staging import leaving_links
from tests.support.layouts import image, root_digest

CHART = {"Chart.yaml": "name: shop\nversion: 1.0.0\n", "templates/core.yaml": "kind: A\n", ".helmignore": "*.md\n"}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree with a chart, below a folder of links as a build makes one."""
    for name, text in CHART.items():
        path = tmp_path / "source" / "helm" / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "source" / "elsewhere.yaml").write_text("kind: B\n")
    (tmp_path / "build").symlink_to("source")
    return tmp_path


def entry(tree: Path, place: str) -> dict[str, str]:
    return {
        "source": str(tree / "build" / "helm" / "shop" / place),
        "place": place,
        "workspace_path": f"helm/shop/{place}",
    }


def stage(tree: Path, entries: list[dict[str, str]], name: str = "shop", output: str = "out") -> int:
    files = tree / "files.json"
    document: dict[str, Any] = {"schema": "rules_release/chart-files/v1", "name": name, "files": entries}
    files.write_text(json.dumps(document))
    return app.main(["chart", "stage", str(files), "--output", str(tree / output)])


def staged(tree: Path, output: str = "out") -> dict[str, str]:
    folder = tree / output
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def links(tree: Path) -> list[tuple[str, str]]:
    return [(link.path, link.target) for link in leaving_links(chart_files.load(tree / "files.json").files)]


def test_files_get_their_places(tree: Path) -> None:
    assert stage(tree, [entry(tree, place) for place in CHART]) == 0
    assert staged(tree) == CHART
    assert links(tree) == []


def test_what_is_staged_has_no_links_and_one_mode(tree: Path) -> None:
    (tree / "source" / "helm" / "shop" / "Chart.yaml").chmod(0o755)
    stage(tree, [entry(tree, place) for place in CHART])
    for path in (tree / "out").rglob("*"):
        assert not path.is_symlink()
        assert path.is_dir() or path.stat().st_mode & 0o777 == 0o644


def test_a_folder_is_copied_with_all_that_is_in_it(tree: Path) -> None:
    library = tree / "library"
    (library / "templates").mkdir(parents=True)
    (library / "Chart.yaml").write_text("name: library\n")
    (library / "templates" / "a.yaml").symlink_to(tree / "source" / "elsewhere.yaml")
    (library / "more").symlink_to("templates")
    dependency = {"source": str(library), "place": "charts/library"}
    assert stage(tree, [entry(tree, "Chart.yaml"), dependency]) == 0
    assert staged(tree)["charts/library/templates/a.yaml"] == "kind: B\n"
    assert staged(tree)["charts/library/more/a.yaml"] == "kind: B\n"


def test_an_archive_stays_packed(tree: Path) -> None:
    (tree / "redis-1.0.0.tgz").write_text("packed")
    dependency = {"source": str(tree / "redis-1.0.0.tgz"), "place": "charts/redis-1.0.0.tgz"}
    assert stage(tree, [entry(tree, "Chart.yaml"), dependency]) == 0
    assert staged(tree)["charts/redis-1.0.0.tgz"] == "packed"


def test_a_link_out_of_the_chart_is_named_and_its_content_copied(tree: Path) -> None:
    link = tree / "source" / "helm" / "shop" / "templates" / "out.yaml"
    link.symlink_to("../../../elsewhere.yaml")
    assert stage(tree, [entry(tree, "templates/out.yaml"), entry(tree, "Chart.yaml")]) == 0
    assert links(tree) == [("templates/out.yaml", "../../elsewhere.yaml")]
    assert staged(tree)["templates/out.yaml"] == "kind: B\n"


def test_a_link_out_of_the_source_tree_is_named_with_its_whole_path(tree: Path) -> None:
    far = tree / "far.yaml"
    far.write_text("kind: C\n")
    (tree / "source" / "helm" / "shop" / "far.yaml").symlink_to(far)
    stage(tree, [entry(tree, "Chart.yaml"), entry(tree, "far.yaml")])
    assert links(tree) == [("far.yaml", os.path.realpath(far))]


def test_a_folder_that_is_a_link_takes_its_files_out(tree: Path) -> None:
    (tree / "source" / "files").mkdir()
    (tree / "source" / "files" / "a.sql").write_text("select 1\n")
    (tree / "source" / "helm" / "shop" / "files").symlink_to("../../files")
    stage(tree, [entry(tree, "files/a.sql"), entry(tree, "Chart.yaml")])
    assert links(tree) == [("files/a.sql", "../../files/a.sql")]


def test_a_link_within_the_chart_and_a_file_of_the_build_are_none(tree: Path) -> None:
    (tree / "source" / "helm" / "shop" / "same.yaml").symlink_to("templates/core.yaml")
    (tree / "made.yaml").write_text("")
    made = {"source": str(tree / "made.yaml"), "place": "templates/made.yaml", "workspace_path": ""}
    assert stage(tree, [entry(tree, "Chart.yaml"), entry(tree, "same.yaml"), made]) == 0
    assert links(tree) == []


def test_the_order_of_the_files_does_not_matter(tree: Path) -> None:
    (tree / "source" / "helm" / "shop" / "b.yaml").symlink_to("../../elsewhere.yaml")
    (tree / "source" / "helm" / "shop" / "a.yaml").symlink_to("../../elsewhere.yaml")
    entries = [entry(tree, place) for place in (*CHART, "a.yaml", "b.yaml")]
    stage(tree, entries)
    first = links(tree), staged(tree)
    stage(tree, entries[::-1], output="again")
    assert (links(tree), staged(tree, "again")) == first


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("Chart.yaml", "have this place in the chart"),
        ("Chart.yaml/more", "have this place in the chart"),
        ("../Chart.yaml", "expected a path within the chart"),
        ("/etc/passwd", "expected a path within the chart"),
    ],
)
def test_a_place_that_is_taken_or_outside_is_refused(
    tree: Path, place: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = {"source": str(tree / "source" / "elsewhere.yaml"), "place": place}
    assert stage(tree, [entry(tree, "Chart.yaml"), other]) == 2
    assert message in capsys.readouterr().err


def test_a_missing_source_is_refused(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stage(tree, [entry(tree, "Chart.yaml"), entry(tree, "templates/gone.yaml")]) == 2
    assert "templates/gone.yaml: can't be copied" in capsys.readouterr().err


def test_a_link_to_its_own_folder_is_refused(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = tree / "library"
    library.mkdir()
    (library / "again").symlink_to(".")
    dependency = {"source": str(library), "place": "charts/library"}
    assert stage(tree, [entry(tree, "Chart.yaml"), dependency]) == 2
    assert "charts/library/again: a link to a folder that it is in itself" in capsys.readouterr().err


def test_a_chart_of_another_name_is_refused(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stage(tree, [entry(tree, "Chart.yaml")], name="store") == 2
    assert 'chart_name = "shop"' in capsys.readouterr().err


def test_a_chart_without_chart_yaml_is_refused(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stage(tree, [entry(tree, ".helmignore")]) == 2
    assert "Chart.yaml: expected in the chart's folder" in capsys.readouterr().err


VALUES = """\
images:
  core: {repository: ghcr.io/acme/core, tag: v1, digest: ""} # core
  web: 'ghcr.io/acme/web:v1@sha256:0123'
  plain:
    repository: ghcr.io/acme/plain
    tag: v1
"""


def pinned(tree: Path, *places: str) -> int:
    (tree / "values.yaml").write_text(VALUES)
    layout = image(tree / "layout", b"layer")
    document = {
        "schema": "rules_release/chart-files/v1",
        "name": "shop",
        "files": [
            {"source": str(tree / "source" / "helm" / "shop"), "place": "."},
            {"source": str(tree / "values.yaml"), "place": "values.yaml"},
        ],
        "images": [{"values": place, "layout": str(layout)} for place in places],
    }
    (tree / "files.json").write_text(json.dumps(document))
    return app.main(["chart", "stage", str(tree / "files.json"), "--output", str(tree / "out")])


def test_a_whole_folder_can_be_laid_out_with_the_digests_of_its_images(tree: Path) -> None:
    assert pinned(tree, "images.core", "images.web", "images.plain") == 0
    digest = root_digest(tree / "layout")
    expected = VALUES.replace('digest: ""', f'digest: "{digest}"').replace("sha256:0123", digest)
    assert staged(tree) == {**CHART, "values.yaml": expected}


def test_a_wrong_place_for_an_image_is_refused_with_the_nearest(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert pinned(tree, "image.core") == 2
    assert "the nearest are: images.core" in capsys.readouterr().err

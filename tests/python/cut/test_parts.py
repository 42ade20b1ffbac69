"""What a cut writes into a Chart.yaml and a changelog, and which version comes next."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_kit.engines.cut.changelog import Entry, with_entry
from release_kit.engines.cut.chart_yaml import raised, versions
from release_kit.engines.cut.next_version import next_version
from release_kit.errors import InputError
from release_kit.values.version import parse


@pytest.mark.parametrize(
    ("present", "word", "expected"),
    [
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "major", "2.0.0"),
        ("0.0.0", "patch", "0.0.1"),
        ("1.3.0-rc.1", "patch", "1.3.0"),
        ("1.3.0-rc.1", "minor", "1.3.0"),
        ("1.3.0-rc.1", "major", "2.0.0"),
        ("1.3.1-rc.1", "patch", "1.3.1"),
        ("1.3.1-rc.1", "minor", "1.4.0"),
        ("2.0.0-rc.1", "major", "2.0.0"),
        ("2.1.0-rc.1", "major", "3.0.0"),
        ("1.2.3+5", "patch", "1.2.4"),
        ("1.2.9", "1.10.0", "1.10.0"),
        ("1.2.9", "1.2.10-rc.1", "1.2.10-rc.1"),
    ],
)
def test_a_word_names_the_next_version(present: str, word: str, expected: str) -> None:
    assert str(next_version(word, parse(present, ""))) == expected


def test_versions_have_the_order_of_semver() -> None:
    tails = ["-0", "-2", "-10", "--1", "-alpha", "-alpha.1", "-alpha.beta", "-beta", "-beta.2", "-beta.11", "-rc.1", ""]
    ordered = ["0.9.9", *(f"1.0.0{tail}" for tail in tails), "1.0.1-rc.1", "1.0.1", "1.2.0", "1.10.0", "2.0.0"]
    ranks = [parse(text, "").rank() for text in ordered]
    assert all(first < second for first, second in itertools.pairwise(ranks))
    assert parse("1.0.0+a", "").rank() == parse("1.0.0+b", "").rank()


NUMBERS = st.integers(0, 10**20)
PRERELEASES = st.sampled_from(["", "-rc.1", "-0", "-a.b-c.10"])


@given(
    st.builds("{}.{}.{}{}".format, NUMBERS, NUMBERS, NUMBERS, PRERELEASES), st.sampled_from(["major", "minor", "patch"])
)
def test_a_word_always_names_a_higher_version(text: str, word: str) -> None:
    present = parse(text, "")
    assert str(present) == text
    assert next_version(word, present).rank() > present.rank()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('version: "1.2.0"\nappVersion: 1.2.0\n', 'version: "1.3.0"\nappVersion: 1.3.0\n'),
        ("appVersion: '1.2.0' # a\nversion: '1.2.0' # b", "appVersion: '1.3.0' # a\nversion: '1.3.0' # b"),
        ("version: 1.2.0\r\nappVersion: v1.2.0\r\n", "version: 1.3.0\r\nappVersion: v1.3.0\r\n"),
        ("\ufeffversion:   1.2.0\nappVersion:\n", "\ufeffversion:   1.3.0\nappVersion: 1.3.0\n"),
        ("version: 1.2.0 # a\n\nname: x\n", 'version: 1.3.0 # a\nappVersion: "1.3.0"\n\nname: x\n'),
        ("version: 1.2.0", 'version: 1.3.0\nappVersion: "1.3.0"'),
        ("name: x\r\nversion: 1.2.0\r\n", 'name: x\r\nversion: 1.3.0\r\nappVersion: "1.3.0"\r\n'),
        ("  name: x\n  version: 1.2.0\n", '  name: x\n  version: 1.3.0\n  appVersion: "1.3.0"\n'),
        ("version: |-\n  1.2.0\nname: x\n", 'version: 1.3.0\nappVersion: "1.3.0"\nname: x\n'),
        ("version: &v 1.2.0\nappVersion: *v\n", "version: &v 1.3.0\nappVersion: 1.3.0\n"),
        ("{version: 1.2.0, name: x}", '{version: 1.3.0, "appVersion": "1.3.0", name: x}'),
        ("version: 1.2.0\nappVersion: >-\n  1.2.0\nname: x\n", "version: 1.3.0\nappVersion: 1.3.0\nname: x\n"),
    ],
)
def test_a_chart_keeps_its_quoting_comments_and_line_ends(before: str, after: str) -> None:
    assert raised(before, "1.3.0", "Chart.yaml") == after


def test_versions_of_dependencies_and_annotations_stay() -> None:
    rest = "dependencies:\n- {name: a, version: 1.2.0}\nannotations: {version: 1.2.0, appVersion: 1.2.0}\n"
    assert raised(f"{rest}version: 1.2.0\nappVersion: 1.2.0\n", "2.0.0", "Chart.yaml") == (
        f"{rest}version: 2.0.0\nappVersion: 2.0.0\n"
    )


def test_an_anchored_version_that_a_dependency_uses_is_refused() -> None:
    text = "version: &v 1.2.0\nappVersion: 1.2.0\ndependencies:\n- {name: a, version: *v}\n"
    with pytest.raises(InputError, match=r"Chart.yaml:1: version: has the anchor &v, .* its alias in line 4"):
        raised(text, "1.3.0", "Chart.yaml")


def test_versions_are_read_as_they_are_written() -> None:
    assert versions("version: 1.20\nappVersion: 1e3\n", "Chart.yaml") == ("1.20", "1e3")
    assert versions("version: 1.2.0\n", "Chart.yaml") == ("1.2.0", None)


def entry(text: str, version: str = "1.3.0", may_be_empty: bool = False) -> str:
    return with_entry(text, Entry(version, "2026-01-31", "1.2.0", may_be_empty), "CHANGELOG.md")


@pytest.mark.parametrize(
    ("heading", "newest", "expected"),
    [
        ("## Unreleased", "", "## 1.3.0 - 2026-01-31"),
        ("## [Unreleased]", "", "## [1.3.0] - 2026-01-31"),
        ("##  [unreleased](https://x.io/compare/v1.2.0...HEAD) ", "", "## [1.3.0] - 2026-01-31"),
        ("## [Unreleased]", "## [1.2.0] - 2025-12-01", "## [1.3.0] - 2026-01-31"),
        ("## UNRELEASED", "## v1.2.0 (2025-12-01)", "## v1.3.0 (2026-01-31)"),
        (
            "## Unreleased",
            "## [v1.2.0](https://x.io/v1.2.0) \N{EN DASH} 2025-12-01",
            "## [v1.3.0] \N{EN DASH} 2026-01-31",
        ),
        ("## Unreleased", "## 1.2.0: 2025-12-01 [YANKED]", "## 1.3.0: 2026-01-31"),
        ("## Unreleased", "## 1.2.0-rc.1", "## 1.3.0 - 2026-01-31"),
        ("## Unreleased", "## 1.2.0 (2025-12-01)\n\n- b\n\n## [1.1.0] - 2025-11-01", "## 1.3.0 (2026-01-31)"),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_an_entry_is_headed_as_the_newest_one_is(heading: str, newest: str, expected: str, line_break: str) -> None:
    before = f"# Changelog\n\nAbout.\n\n{heading}\n\n- A thing.\n\n{newest}\n"
    after = before.replace(f"{heading}\n", f"{heading}\n\n{expected}\n")
    assert entry(before.replace("\n", line_break)) == after.replace("\n", line_break)


def test_a_changelog_without_a_last_line_end_keeps_it_so() -> None:
    assert entry("## Unreleased\n- A thing.") == "## Unreleased\n\n## 1.3.0 - 2026-01-31\n- A thing."


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        ("v1.2.0...HEAD", "v1.3.0...HEAD\n[1.3.0]: https://x.io/a/b/compare/v1.2.0...v1.3.0"),
        ("1.2.0..main", "1.3.0..main\n[1.3.0]: https://x.io/a/b/compare/1.2.0..1.3.0"),
        ("shop-1.2.0...HEAD", "shop-1.3.0...HEAD\n[1.3.0]: https://x.io/a/b/compare/shop-1.2.0...shop-1.3.0"),
        ("first...HEAD", "v1.3.0...HEAD\n[1.3.0]: https://x.io/a/b/compare/first...v1.3.0"),
        ("HEAD", "HEAD"),
    ],
)
def test_links_that_compare_revisions_move_on(old: str, expected: str) -> None:
    before = f"## [Unreleased]\n\n- A.\n\n[unreleased]: https://x.io/a/b/compare/{old}\n[1.2.0]: https://x.io\n"
    after = entry(before)
    assert after.endswith(f"[unreleased]: https://x.io/a/b/compare/{expected}\n[1.2.0]: https://x.io\n")


@pytest.mark.parametrize(
    "section",
    [
        "",
        "\n\n",
        "\n### Added\n\n### Fixed\n",
        "\n<!-- what\nchanged -->\n",
        "\n## [1.2.0] - 2025-12-01\n\n- B.\n",
        "\n[unreleased]: u\n",
    ],
)
def test_an_empty_section_is_refused_unless_allowed(section: str) -> None:
    text = f"# Changelog\n\n## [Unreleased]\n{section}"
    with pytest.raises(InputError, match=r"CHANGELOG.md:3: 'Unreleased' is empty, 1.3.0 would have no entry") as caught:
        entry(text)
    assert "--allow-empty-changelog" in caught.value.remedy
    assert entry(text, may_be_empty=True) == text.replace("ed]\n", "ed]\n\n## [1.3.0] - 2026-01-31\n", 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# Changelog\n\n- Unreleased\n", "CHANGELOG.md: expected one heading '## Unreleased', found none"),
        ("## Unreleased\n- a\n## [Unreleased]\n- b\n", "found them in lines 1, 3"),
        ("## Unreleased\n- a\n\n## [1.3.0]\n", "CHANGELOG.md:4: 1.3.0 has an entry"),
        ("", "found none"),
    ],
)
def test_a_changelog_that_can_not_get_the_entry_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        entry(text)
    assert message in caught.value.message
    assert caught.value.remedy

"""Stamps, for any status files: what they say is read, or one error names the file or the key."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_kit.cli import stamps
from release_kit.errors import InputError
from release_kit.values import version as versions
from release_kit.values.stamp import Stamp
from release_kit.values.tags import TagPolicy, release_tags

CLAIM = settings(max_examples=100, deadline=None, derandomize=True, database=None)
# https://semver.org, "Is there a suggested regular expression (RegEx) to check a SemVer string?"; ends in \Z and not
# in $, which lets a line feed pass.
SEMVER = re.compile(
    r"^(?P<major>0|[1-9]\d*)\.(?P<minor>0|[1-9]\d*)\.(?P<patch>0|[1-9]\d*)"
    r"(?:-(?P<prerelease>(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
    r"(?:\+(?P<buildmetadata>[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?\Z",
    re.ASCII,
)
TAG = re.compile(r"^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\Z", re.ASCII)
DEFAULT = TagPolicy(("sha-{{STABLE_COMMIT_SHA}}", "v{{STABLE_VERSION}}"), ("latest",), "sha-")
TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}

_KEYS = st.sampled_from(["STABLE_VERSION", "STABLE_DIRTY", "BUILD_USER"]) | st.text(min_size=1, max_size=5).map(
    lambda text: "".join(text.split()) or "K"
)
# What Python, but not Bazel, takes for the end of a line is likely here.
_ONE_LINE = (
    st.text(st.sampled_from("ab \t\r\0\v\f\x1c\x1d\x1e\x85\u2028\u2029\ufeff\ud7ff"), max_size=9)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=9)
    | st.sampled_from(["1.2.3", "dev", "true", "a\u2028STABLE_DIRTY true", "a\rSTABLE_VERSION 6.6.6"])
)
VALUES = _ONE_LINE.map(str.strip)
FILES = st.dictionaries(_KEYS, VALUES, max_size=4)
_SEMVER_LIKE = st.text(st.sampled_from("0123.-+av "), max_size=14)


@pytest.fixture(name="folder", scope="module")
def folder_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all examples share."""
    return tmp_path_factory.mktemp("stamps")


def write(path: Path, values: dict[str, str], line_end: str = "\n") -> str:
    path.write_bytes("".join(f"{key} {value}{line_end}" for key, value in values.items()).encode())
    return str(path)


_SUFFIXES = [
    "",
    "-0",
    "-01",
    "-0a",
    "-rc.1",
    "-rc.01",
    "-",
    "--",
    "+1",
    "+01",
    "+",
    "+-",
    "-a..b",
    "-1\u0661",
    " ",
    "\n",
]
_NUMBERS = ["0", "1", "10", "00", "01", "1\u0661", "\u0661", "", "-1", " 1", "1_0"]


@given(
    st.from_regex(SEMVER, fullmatch=True)
    | st.text(st.sampled_from("0123.-+av "), max_size=14)
    | st.builds("1.20.3{}{}".format, st.sampled_from(_SUFFIXES), st.sampled_from(_SUFFIXES))
    | st.builds("{}.{}".format, st.sampled_from(["1.0", "0.1"]), st.sampled_from(_NUMBERS))
    | st.builds("{}.{}".format, st.sampled_from(_NUMBERS), st.sampled_from(["1.0", "0", "0.1-rc"]))
)
@CLAIM
def test_a_version_is_what_the_specification_says(text: str) -> None:
    match = SEMVER.match(text)
    if match is None or len(text) > versions.MAX_LENGTH:
        with pytest.raises(InputError) as caught:
            versions.parse(text, "STABLE_VERSION")
        assert caught.value.message.startswith("STABLE_VERSION: expected a version such as 1.2.3")
        return
    version = versions.parse(text, "here")
    assert [str(number) for number in version[:3]] == [match["major"], match["minor"], match["patch"]]
    assert (version.prerelease, version.build) == (match["prerelease"] or "", match["buildmetadata"] or "")
    assert version.aliases() == (match["major"], f"{match['major']}.{match['minor']}")


@given(st.sampled_from(["{}.0.0", "0.{}.0", "0.0.{}", "0.0.0-{}", "0.0.0+{}"]), st.integers(1, 6000))
@CLAIM
def test_a_version_of_any_length_is_read_or_refused(form: str, length: int) -> None:
    text = form.format("1" * length)
    if len(text) <= versions.MAX_LENGTH:
        assert str(versions.parse(text, "here")[0]) == text.partition(".")[0]
        return
    with pytest.raises(InputError) as caught:
        versions.parse(text, "here")
    assert len(caught.value.message) < 250


@given(FILES, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from(["", "\n", " \t\n", "\r\n"]))
@CLAIM
def test_what_is_written_line_by_line_is_read_again(
    folder: Path, values: dict[str, str], line_end: str, ended: bool, blank: str
) -> None:
    path = folder / "status.txt"
    lines = (f"{key} {value}" if value else key for key, value in values.items())
    text = blank + blank.join(f"{line}{line_end}" for line in lines)
    path.write_bytes((text if ended else text.removesuffix(line_end)).encode())
    assert stamps.read([str(path)], TagPolicy()).values == values


@given(_KEYS, _ONE_LINE)
@CLAIM
def test_no_value_sets_another_key(folder: Path, key: str, value: str) -> None:
    found = stamps.read([write(folder / "status.txt", {key: value})], TagPolicy()).values
    assert dict(found) == {key: value.strip()}


@given(st.lists(FILES, min_size=1, max_size=3), st.sampled_from(["\n", "\r\n"]))
@CLAIM
def test_of_two_equal_keys_the_later_one_counts_within_a_file_and_across_files(
    folder: Path, files: list[dict[str, str]], line_end: str
) -> None:
    paths = [write(folder / f"{number}.txt", values, line_end) for number, values in enumerate(files)]
    expected: dict[str, str] = {}
    for values in files:
        expected.update(values)
    (folder / "all.txt").write_bytes(b"".join(Path(path).read_bytes() for path in paths))
    assert stamps.read(paths, TagPolicy()).values == expected
    assert stamps.read([str(folder / "all.txt")], TagPolicy()).values == expected


@given(
    st.binary(max_size=60)
    | st.tuples(st.sampled_from([b"STABLE_VERSION ", b"STABLE_DIRTY ", b"A "]), st.binary(max_size=9)).map(b"".join)
)
@CLAIM
def test_any_bytes_are_a_stamp_or_one_error_that_names_the_file(folder: Path, content: bytes) -> None:
    path = folder / "status.txt"
    path.write_bytes(content)
    try:
        content.decode()
    except UnicodeDecodeError:
        with pytest.raises(InputError) as caught:
            stamps.read([str(path)], DEFAULT)
        assert caught.value.message == f"{path}: can't be read: it is no UTF-8 text"
        return
    values = stamps.read([str(path)], DEFAULT).values
    assert all(value == value.strip() and "\n" not in key + value for key, value in values.items())
    assert set(values) <= {line.rstrip().partition(" ")[0] for line in content.decode().split("\n")}


@given(
    st.one_of(st.sampled_from(["", "dev", "1.2.3", "1.2.3-rc.1", "1.2.3+b", "01.0.0"]), _SEMVER_LIKE, _ONE_LINE),
    st.sampled_from(["", "true", "False", "YES", "0"]) | st.text(max_size=5),
    st.sampled_from(["0123456789ab", ""]) | _ONE_LINE,
)
@CLAIM
def test_any_values_give_tags_or_one_error_that_names_the_key(version: str, dirty: str, commit: str) -> None:
    stamp = Stamp({"STABLE_VERSION": version, "STABLE_DIRTY": dirty, "STABLE_COMMIT_SHA": commit})
    faults = [
        ("STABLE_VERSION: expected", version not in ("", "dev") and not SEMVER.match(version)),
        ("tag template 'sha-{{STABLE_COMMIT_SHA}}' gives ", not TAG.match(f"sha-{commit}")),
        ("tag template 'v{{STABLE_VERSION}}' gives ", not TAG.match(f"v{version}")),
        ("STABLE_DIRTY: expected", dirty.lower() not in TRUTH),
    ]
    first = next((words for words, is_there in faults if is_there), None)
    if first is None:
        moves = version not in ("", "dev") and "-" not in version and not TRUTH[dirty.lower()]
        assert release_tags(DEFAULT, stamp).moving == (("latest",) if moves else ())
        return
    with pytest.raises(InputError) as caught:
        release_tags(DEFAULT, stamp)
    assert caught.value.message.startswith(first)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400


@given(st.sampled_from(sorted(TRUTH)) | st.text(max_size=5), st.sampled_from([str.lower, str.upper, str.title, str]))
@CLAIM
def test_dirtiness_is_one_of_seven_words_in_any_case(word: str, case: "type[str]") -> None:
    """And so is whether staging is skipped."""
    stamp = Stamp({"STABLE_DIRTY": case(word), "STABLE_SKIP_STAGING": case(word)})
    if word.lower() in TRUTH:
        assert stamp.dirty == stamp.skip_staging == TRUTH[word.lower()]
        return
    for key, read in (("STABLE_DIRTY", "dirty"), ("STABLE_SKIP_STAGING", "skip_staging")):
        with pytest.raises(InputError) as caught:
            getattr(stamp, read)
        assert caught.value.message == f"{key}: expected true or false, found {case(word)!r}"


def test_a_stamp_that_does_not_say_it_skips_nothing() -> None:
    assert not Stamp({}).skip_staging


@given(st.integers(0, 10**11 - 1))
@CLAIM
def test_the_commits_time_is_its_epoch_in_utc(epoch: int) -> None:
    found = Stamp({"STABLE_COMMIT_EPOCH": str(epoch)}).commit_time
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found)
    assert int(datetime.fromisoformat(found).timestamp()) == epoch


@pytest.mark.parametrize("values", [{}, {"STABLE_COMMIT_EPOCH": ""}, {"STABLE_COMMIT_EPOCH": "0"}])
def test_a_commit_without_a_time_is_of_the_beginning_of_1970(values: dict[str, str]) -> None:
    assert Stamp(values).commit_time == "1970-01-01T00:00:00Z"


@given(st.sampled_from(["-1", "1.5", "1e9", "now", "\u0661", "9" * 12]) | st.text(min_size=1, max_size=4))
@CLAIM
def test_any_other_time_of_a_commit_is_one_error_that_names_the_key(text: str) -> None:
    stamp = Stamp({"STABLE_COMMIT_EPOCH": text})
    if re.fullmatch(r"[0-9]{1,11}", text):
        assert stamp.commit_time.endswith("Z")
    else:
        with pytest.raises(InputError, match="^STABLE_COMMIT_EPOCH: expected seconds since 1970, found"):
            _ = stamp.commit_time

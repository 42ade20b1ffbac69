"""`release-kit statement`: what a release says of itself is an in-toto statement, by the rules of its specification.

The rules are those of in-toto/attestation, spec/v1: statement.md and digest_set.md (version 1.1),
resource_descriptor.md and field_types.md, as of 2026-11-23; what they only recommend is held, too.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from release_kit.cli.app import main
from release_kit.documents.release_record import ChartRecord, ImageRecord, ReleaseRecord
from release_kit.documents.statement import statement
from release_kit.errors import InputError

HEX = {"sha256": 64, "sha512": 128}
IMAGE = ImageRecord("core", "acme/shop/core", f"sha256:{'a' * 64}", "application/x", 7, ("v1.2.3",), ("latest",))
LONG = IMAGE._replace(name="web", repository="acme/shop/web", digest=f"sha512:{'b' * 128}")
CHART = ChartRecord("shop", "acme/charts/shop", "1.2.3", f"sha256:{'c' * 64}", "application/x", 9, ("1.2.3",))
RECORD = ReleaseRecord("shop", "1.2.3", "0" * 40, False, "ghcr.io", (IMAGE, LONG), (CHART,))


def parsed(record: ReleaseRecord) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(statement(record))
    return document


def is_type(text: object) -> bool:
    """Whether it is a TypeURI (field_types.md): RFC 3986, scheme and authority in lower case, with a version in it."""
    parts = urlsplit(str(text))
    normal = parts.scheme == parts.scheme.lower() and parts.netloc == parts.netloc.lower()
    return bool(parts.scheme and parts.netloc) and normal and re.search(r"v\d", str(text)) is not None


def faults(document: dict[str, Any]) -> list[str]:
    """Returns what is not as the specification says."""
    found = []
    if document.get("_type") != "https://in-toto.io/Statement/v1":
        found.append("_type: always https://in-toto.io/Statement/v1")
    if not is_type(document.get("predicateType")):
        found.append("predicateType: a TypeURI, required")
    if not isinstance(document.get("predicate", {}), dict):
        found.append("predicate: an object")
    subjects = document.get("subject")
    if not isinstance(subjects, list) or not subjects:
        return [*found, "subject: an array, required"]
    found += [f"subject[{at}]: {fault}" for at, subject in enumerate(subjects) for fault in descriptor_faults(subject)]
    names = [subject["name"] for subject in subjects if "name" in subject]
    return found + (["subject: names are unique"] if len(set(names)) < len(names) else [])


def descriptor_faults(subject: dict[str, Any]) -> list[str]:
    """Returns what is wrong with a ResourceDescriptor that is a subject."""
    digests = subject.get("digest")
    if not isinstance(digests, dict) or not digests:
        return ["each element MUST have digest set"]
    wrong = [name for name, text in digests.items() if not re.fullmatch(f"[0-9a-f]{{{HEX[name]}}}", text)]
    return [f"digest.{name}: lowercase hex" for name in wrong]


def test_a_statement_is_one_by_the_specification() -> None:
    document = parsed(RECORD)
    assert faults(document) == []
    assert list(document) == ["_type", "subject", "predicateType", "predicate"]


@pytest.mark.parametrize(
    ("spoilt", "fault"),
    [
        ({"_type": "https://in-toto.io/Statement/v0.1"}, "_type"),
        ({"predicateType": "release-record"}, "predicateType"),
        ({"predicate": "none"}, "predicate"),
        ({"subject": []}, "subject"),
        ({"subject": [{"name": "a"}]}, "subject[0]"),
        ({"subject": [{"digest": {"sha256": "A" * 64}}]}, "subject[0]"),
        ({"subject": [{"name": "a", "digest": {"sha256": "a" * 64}}] * 2}, "subject: names"),
    ],
)
def test_the_rules_find_what_is_against_them(spoilt: dict[str, Any], fault: str) -> None:
    assert [each for each in faults({**parsed(RECORD), **spoilt}) if each.startswith(fault)]


def test_every_image_and_chart_is_a_subject_by_its_digest() -> None:
    assert {subject["name"]: subject["digest"] for subject in parsed(RECORD)["subject"]} == {
        "ghcr.io/acme/shop/core": {"sha256": "a" * 64},
        "ghcr.io/acme/shop/web": {"sha512": "b" * 128},
        "ghcr.io/acme/charts/shop": {"sha256": "c" * 64},
    }


def test_the_predicate_is_the_record() -> None:
    assert parsed(RECORD)["predicate"] == json.loads(RECORD.to_json())


def test_the_page_that_the_type_names_is_in_the_documentation() -> None:
    path, _, anchor = parsed(RECORD)["predicateType"].partition("/blob/main/")[2].partition("#")
    headings = re.findall(r"^#+ (.*)$", (Path(__file__).parents[3] / path).read_text(), re.M)
    assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_a_release_to_docker_hub_is_named_as_others_name_it() -> None:
    document = parsed(RECORD._replace(registry="registry-1.docker.io"))
    assert document["subject"][0]["name"] == "docker.io/acme/shop/core"


@pytest.mark.parametrize(
    "record",
    [
        RECORD._replace(registry=""),
        RECORD._replace(images=(), charts=()),
        RECORD._replace(images=(IMAGE, IMAGE._replace(digest=CHART.digest))),
    ],
    ids=["no registry", "nothing", "one repository twice"],
)
def test_a_record_that_can_be_no_statement_is_refused(record: ReleaseRecord) -> None:
    with pytest.raises(InputError):
        statement(record)


def test_the_command_prints_the_same_bytes_each_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "record.json"
    path.write_text(RECORD.to_json())
    outputs = []
    for _ in range(2):
        assert main(["statement", str(path)]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs == [statement(RECORD)] * 2


def test_the_command_writes_a_file_and_takes_the_registry_of_a_published_record(tmp_path: Path) -> None:
    path, output = tmp_path / "record.json", tmp_path / "statement.json"
    path.write_text(RECORD._replace(registry="").to_json())
    assert main(["statement", str(path)]) == 2
    assert main(["statement", str(path), "--registry", "ghcr.io", "--output", str(output)]) == 0
    assert output.read_text() == statement(RECORD)

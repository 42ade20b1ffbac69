"""Artifacts that name a subject are found from it: by the registry's API, or where it has none by a list under a tag.

The list is that of distribution-spec 1.1, "Referrers Tag Schema".
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from release_kit.adapters import layout
from release_kit.adapters.registry.client import HttpRegistry
from release_kit.adapters.registry.credentials import Credentials
from tests.support import artifacts, releases
from tests.support.artifacts import SBOM, SIGNATURE, get
from tests.support.fault_registry import FaultRegistry, Lag, Options, actions
from tests.support.fault_registry.manifest import parse
from tests.support.layouts import INDEX, MANIFEST, Layout

REPOSITORY = "shop/core"
NOTES = {"org.example.made.by": "b\u00fcild", "org.example.format": "json"}
LIST = f"/{REPOSITORY}/manifests/sha(256|512)-"
ZEROS = "sha256:" + "0" * 64
ANYTHING = {"mediaType": MANIFEST, "digest": ZEROS, "size": 7}
COUNT = 8
Entry = dict[str, Any]


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker-config"))


@pytest.fixture(name="old")
def old_fixture() -> Iterator[FaultRegistry]:
    """A strict registry without the referrers API."""
    with FaultRegistry(Options(referrers=False)) as registry:
        yield registry


def made_of(folder: Path, *referring: Callable[[Layout, Entry], Entry]) -> tuple[Layout, Entry, list[Entry]]:
    """Makes an index of an image and of what refers to it; returns layout, root and all children."""
    made = Layout(folder / "made")
    subject = made.manifest(b"layer")
    children = [subject, *(make(made, subject) for make in referring)]
    return made, made.index(*children), children


def sbom(made: Layout, subject: Entry) -> Entry:
    return artifacts.artifact(made, subject=subject, annotations=NOTES)


def signature(made: Layout, subject: Entry) -> Entry:
    """Has its type from its config, as artifacts had before there was `artifactType`."""
    config = made.blob(b'{"key": 1}', SIGNATURE)
    return artifacts.document(made, MANIFEST, config=config, layers=[], subject=subject)


def bundle(made: Layout, subject: Entry) -> Entry:
    """Is an index, which has no config that could tell its type."""
    return artifacts.document(made, INDEX, manifests=[], subject=subject)


def push(folder: Path, host: str, *referring: Callable[[Layout, Entry], Entry]) -> list[Entry]:
    made, root, children = made_of(folder, *referring)
    assert artifacts.push(folder, host, {REPOSITORY: (made, root)}) == 0
    return children


def listed(host: str, subject: str) -> list[Entry]:
    """Returns the list of a subject's referrers under its tag."""
    algorithm, _, encoded = subject.partition(":")
    answer = get(host, f"{REPOSITORY}/manifests/{algorithm}-{encoded[:64]}")
    index = json.loads(answer.body)
    assert (answer.status, answer.media_type) == (200, INDEX)
    assert (index["schemaVersion"], index["mediaType"]) == (2, INDEX)
    return list(index["manifests"])


def of_sbom(root: Entry) -> Entry:
    """Returns what a list says of an SBOM."""
    return root | {"artifactType": SBOM, "annotations": NOTES}


def of_all(sbom: Entry, signature: Entry, bundle: Entry) -> list[Entry]:
    return [of_sbom(sbom), signature | {"artifactType": SIGNATURE}, bundle]


def by_digest(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: str(entry["digest"]))


def test_a_registry_with_the_api_lists_what_refers_to_an_image_and_no_tag_is_asked_for(tmp_path: Path) -> None:
    with FaultRegistry() as registry:
        children = push(tmp_path, registry.host, sbom, signature, bundle)
        answer = get(registry.host, f"{REPOSITORY}/referrers/{children[0]['digest']}")
        assert by_digest(json.loads(answer.body)["manifests"]) == by_digest(of_all(*children[1:]))
        assert not registry.journal.select(path=LIST)


def test_where_there_is_no_api_a_tag_lists_what_refers_to_an_image(tmp_path: Path, old: FaultRegistry) -> None:
    children = push(tmp_path, old.host, sbom, signature, bundle)
    assert by_digest(listed(old.host, children[0]["digest"])) == by_digest(of_all(*children[1:]))


def test_the_tag_lists_it_in_a_real_registry_without_the_api(tmp_path: Path, registry_host: str) -> None:
    children = push(tmp_path, registry_host, sbom, signature, bundle)
    assert get(registry_host, f"{REPOSITORY}/referrers/{children[0]['digest']}").status == 404
    assert by_digest(listed(registry_host, children[0]["digest"])) == by_digest(of_all(*children[1:]))


def test_a_subject_need_not_be_there_and_the_tag_of_a_long_digest_is_cut(tmp_path: Path, old: FaultRegistry) -> None:
    digest = f"sha512:{'0123456789abcdef' * 8}"
    push(tmp_path, old.host, lambda made, _: sbom(made, ANYTHING | {"digest": digest}))
    assert f"sha512-{'0123456789abcdef' * 4}" in old.state.tags(REPOSITORY)
    assert [entry["artifactType"] for entry in listed(old.host, digest)] == [SBOM]


def test_the_artifact_may_be_the_whole_image(tmp_path: Path, old: FaultRegistry) -> None:
    made = Layout(tmp_path / "made")
    root = sbom(made, ANYTHING)
    assert artifacts.push(tmp_path, old.host, {REPOSITORY: (made, root)}) == 0
    assert [entry["digest"] for entry in listed(old.host, ZEROS)] == [root["digest"]]
    assert [record.method for record in old.journal.select(path=LIST, write=True)] == ["PUT"]


def test_what_is_listed_already_is_not_written_again(tmp_path: Path, old: FaultRegistry) -> None:
    made = Layout(tmp_path / "made")
    roots = {REPOSITORY: (made, sbom(made, ANYTHING))}
    artifacts.push(tmp_path, old.host, roots)
    old.journal.clear()
    releases.write_status(tmp_path, "1.2.4", "f" * 40)
    assert artifacts.push(tmp_path, old.host, roots) == 0
    assert "v1.2.4" in old.state.tags(REPOSITORY)
    assert old.journal.select(path=LIST)
    assert not old.journal.select(path=LIST, write=True)


def test_a_list_that_could_not_be_written_is_made_up_for_by_the_next_push(
    tmp_path: Path, old: FaultRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    made, root, children = made_of(tmp_path, sbom)
    refusal = old.on(actions.status(409), "PUT", LIST)
    assert artifacts.push(tmp_path, old.host, {REPOSITORY: (made, root)}) == 1
    assert "was answered 409" in (told := capsys.readouterr().err)
    assert "this tag is the list of a manifest's referrers" in told
    assert "v1.2.3" not in old.state.tags(REPOSITORY)
    old.script.remove(refusal)
    assert artifacts.push(tmp_path, old.host, {REPOSITORY: (made, root)}) == 0
    assert [entry["digest"] for entry in listed(old.host, children[0]["digest"])] == [children[1]["digest"]]


def test_what_others_have_listed_stays(tmp_path: Path, old: FaultRegistry) -> None:
    other = old.state.put_image(REPOSITORY)
    theirs = {
        "mediaType": MANIFEST,
        "digest": other,
        "size": len(old.state.manifests(REPOSITORY)[other]),
        "data": "e30=",
    }
    document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [theirs], "annotations": {"by": "them"}}
    made, root, children = made_of(tmp_path, sbom)
    tag = children[0]["digest"].replace(":", "-")
    put_index(old, tag, json.dumps(document).encode())
    assert artifacts.push(tmp_path, old.host, {REPOSITORY: (made, root)}) == 0
    index = json.loads(get(old.host, f"{REPOSITORY}/manifests/{tag}").body)
    assert index == document | {"manifests": [theirs, of_sbom(children[1])]}


def test_an_entry_that_somebody_has_overwritten_is_entered_again_with_the_next_tag(
    tmp_path: Path, old: FaultRegistry
) -> None:
    made = Layout(tmp_path / "made")
    root = sbom(made, ANYTHING)
    empty = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}).encode()
    somebody = actions.call(lambda _: put_index(old, ZEROS.replace(":", "-"), empty))
    old.on(somebody, "PUT", f"/{REPOSITORY}/manifests/v1.2.3")
    assert artifacts.push(tmp_path, old.host, {REPOSITORY: (made, root)}) == 0
    assert [entry["digest"] for entry in listed(old.host, ZEROS)] == [root["digest"]]
    assert len(old.journal.select("PUT", LIST)) == 2


def put_index(registry: FaultRegistry, tag: str, content: bytes) -> None:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    registry.store.put_manifest(REPOSITORY, digest, parse(content, INDEX))
    registry.store.put_tag(REPOSITORY, tag, digest, by_client=False)


@pytest.mark.parametrize("lag", [0, 3], ids=["seen at once", "seen late"])
def test_artifacts_of_one_subject_that_come_at_once_are_all_listed(tmp_path: Path, lag: int) -> None:
    made = Layout(tmp_path / "made")
    roots = [artifacts.artifact(made, str(number).encode(), subject=ANYTHING) for number in range(COUNT)]
    manifests = layout.load(made.finish(made.index(*roots))).manifests[:COUNT]
    with FaultRegistry(Options(referrers=False, references=False, lag=Lag(tags=lag))) as registry:
        registry.on(actions.gather(COUNT), "PUT", f"/{REPOSITORY}/manifests/sha256:")
        with (
            closing(HttpRegistry(registry.host, Credentials(), plain_http=True)) as client,
            ThreadPoolExecutor(COUNT) as pool,
        ):
            list(pool.map(lambda each: client.put_manifest(REPOSITORY, each.descriptor.digest, each), manifests))
        # One after the other: nobody reads a list that another is about to write.
        assert [record.method for record in registry.journal.select(path=LIST)] == ["GET", "PUT"] * COUNT
        tag = registry.state.tags(REPOSITORY)[ZEROS.replace(":", "-")]
        found = json.loads(registry.state.manifests(REPOSITORY)[tag])["manifests"]
        assert by_digest(found) == by_digest([root | {"artifactType": SBOM} for root in roots])


HOSTILE: dict[str, tuple[bytes, str, str]] = {
    "an image": (b'{"schemaVersion": 2}', MANIFEST, f"found {MANIFEST}"),
    "a list of Docker's": (b'{"manifests": []}', artifacts.DOCKER_LIST, f"found {artifacts.DOCKER_LIST}"),
    "an image that is sent as an index": (f'{{"mediaType": "{MANIFEST}"}}'.encode(), INDEX, f"{INDEX} and {MANIFEST}"),
    "what has no type": (b'{"manifests": []}', "", "found none"),
    "a web page": (b"<html>", "text/html", "Expecting value"),
    "nothing": (b"", INDEX, "Expecting value"),
    "no UTF-8": (b'{"a": "\xff"}', INDEX, "can't decode"),
    "a list in JSON": (b"[]", INDEX, "expected object, found []"),
    "manifests that are no list": (b'{"manifests": {}}', INDEX, "manifests: expected list, found {}"),
    "entries that are no objects": (b'{"manifests": [7]}', INDEX, "manifests[0]: expected object, found 7"),
    "an entry without a digest": (b'{"manifests": [{"mediaType": "a", "size": 1}]}', INDEX, "manifests[0].digest"),
    "a digest that is a list": (
        b'{"manifests": [{"mediaType": "a", "digest": []}]}',
        INDEX,
        "expected string, found []",
    ),
    "a size that is a text": (
        b'{"manifests": [{"mediaType": "a", "digest": "b", "size": "1"}]}',
        INDEX,
        'manifests[0].size: expected integer, found "1"',
    ),
    "numbers that JSON lacks": (b'{"manifests": [], "a": NaN}', INDEX, "not JSON compliant"),
    "a number without an end": (b'{"manifests": [], "a": 1e999}', INDEX, "not JSON compliant"),
    "control characters": (b'{"mediaType": "\\u001b[2J\\u2028"}', "", "found  [2J"),
    "a deep one": (b'{"manifests": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", INDEX, "nested too deep"),
    "a large one": (b" " * (4 * 1024 * 1024) + b"{}", INDEX, "found 4194306 bytes, more than 4194304"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_list_is_one_clear_error_and_is_not_overwritten(
    tmp_path: Path, old: FaultRegistry, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    content, media_type, words = HOSTILE[case]
    old.on(actions.status(200, content, [("Content-Type", media_type)] if media_type else []), "GET", LIST)
    made, root, _ = made_of(tmp_path, sbom)
    assert artifacts.push(tmp_path, old.host, {REPOSITORY: (made, root)}) == 1
    told = capsys.readouterr().err
    assert len([line for line in told.splitlines() if line.startswith("ERROR")]) == 1
    assert f"{old.host}/{REPOSITORY}:sha256-" in told
    assert "expected the image index that lists the referrers of a manifest" in told
    assert words in told
    assert told.replace("\n", "").isprintable()
    assert not old.journal.select(path=LIST, write=True)


def test_somebodys_image_under_the_tag_of_the_list_stays(tmp_path: Path, old: FaultRegistry) -> None:
    tag = ZEROS.replace(":", "-")
    other = old.state.put_image(REPOSITORY, tag)
    made = Layout(tmp_path / "made")
    assert artifacts.push(tmp_path, old.host, {REPOSITORY: (made, sbom(made, ANYTHING))}) == 1
    assert old.state.tags(REPOSITORY) == {tag: other}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"subject": 7}, "subject: expected object, found 7"),
        ({"subject": {"digest": "sha256:../../latest"}}, "subject.digest: expected a digest"),
        ({"subject": ANYTHING, "artifactType": 7}, "artifactType: expected string, found 7"),
        ({"subject": ANYTHING, "annotations": ["a"]}, 'annotations: expected object, found ["a"]'),
        ({"subject": ANYTHING, "annotations": {"a": {}}}, "annotations.a: expected string, found {}"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_an_artifact_that_could_not_be_listed_is_refused_before_the_first_request(
    tmp_path: Path, old: FaultRegistry, capsys: pytest.CaptureFixture[str], fields: dict[str, Any], words: str
) -> None:
    made = Layout(tmp_path / "made")
    root = artifacts.artifact(made, **fields)
    assert artifacts.push(tmp_path, old.host, {REPOSITORY: (made, root)}) == 2
    assert words in capsys.readouterr().err
    assert not old.journal.records

"""What others have left on the branches: histories that part, and content that nobody should trust."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.git_server import GitServer, git
from release_kit.adapters.git import GitRepository
from release_kit.documents import environments, release_record
from release_kit.documents.fields import read_document
from release_kit.engines.promotion import branches, dry
from release_kit.engines.promotion.model import Hydrated
from release_kit.errors import InputError
from tests.support import deployments, secret_search
from tests.support.deployments import Deployment
from tests.support.fault_registry import FaultRegistry

NEXT, ACTIVE = "environment/demo-next", "environment/demo"
METADATA, RECORD = "hydrator.metadata", "release-record.json"
NOTES = "refs/notes/hydrator.metadata"
ESCAPE = "\x1b]0;x\x07"


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deployments.own_settings(tmp_path, monkeypatch)


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path) -> Iterator[Deployment]:
    with FaultRegistry() as registry, GitServer(tmp_path / "git") as server:
        shop = Deployment(tmp_path, registry.host, server, delivery="application")
        shop.release()
        yield shop


@pytest.fixture(name="copy")
def copy_fixture(shop: Deployment, tmp_path: Path) -> GitRepository:
    """A copy of the repository, as all commands make one."""
    (tmp_path / "copy").mkdir()
    return GitRepository(shop.url, tmp_path / "copy", branches.refs(environments.load(shop.declaration)))


def parents(shop: Deployment, branch: str) -> list[str]:
    """Returns the parents of a branch's head."""
    return git(shop.bare, "log", "-1", "--format=%P", branch).split()


def merged(shop: Deployment) -> str:
    """Returns the tree that a merge of what is proposed would make; git fails where it conflicts."""
    return git(shop.bare, "merge-tree", "--write-tree", ACTIVE, NEXT)


def proposed(shop: Deployment) -> str:
    """Returns the tree of what is proposed."""
    return git(shop.bare, "rev-parse", f"{NEXT}^{{tree}}")


def hydrate_next_release(shop: Deployment) -> list[str]:
    """Hydrates one more release; returns the heads of what was proposed and what was active."""
    heads = [shop.refs()[NEXT], shop.refs()[ACTIVE]]
    shop.release("1.3.0")
    assert shop.hydrate() == 0
    assert json.loads(shop.show(NEXT, RECORD))["version"] == "1.3.0"
    return heads


def test_after_a_promotion_the_next_release_has_one_parent(shop: Deployment) -> None:
    assert shop.hydrate() == 0
    shop.promote("demo")
    head, _ = hydrate_next_release(shop)
    assert parents(shop, NEXT) == [head]
    assert merged(shop) == proposed(shop)


def test_a_change_by_hand_of_what_runs_is_not_mixed_into_the_next_release(shop: Deployment) -> None:
    assert shop.hydrate() == 0
    shop.promote("demo")
    shop.commit(ACTIVE, {"manifests/hotfix.yaml": "kind: Pod\n"})
    heads = hydrate_next_release(shop)
    assert parents(shop, NEXT) == heads
    assert merged(shop) == proposed(shop)
    assert "manifests/hotfix.yaml" not in shop.files(NEXT)


def test_after_a_squashed_merge_nothing_conflicts(shop: Deployment) -> None:
    assert shop.hydrate() == 0
    squashed = git(shop.bare, "commit-tree", f"{NEXT}^{{tree}}", "-p", ACTIVE, "-m", "Squashed")
    git(shop.bare, "update-ref", f"refs/heads/{ACTIVE}", squashed)
    assert hydrate_next_release(shop) == parents(shop, NEXT)
    assert merged(shop) == proposed(shop)


def test_after_a_rollback_nothing_conflicts(shop: Deployment) -> None:
    assert shop.hydrate() == 0
    first = shop.promote("demo")
    hydrate_next_release(shop)
    second = shop.promote("demo")
    back = git(shop.bare, "commit-tree", f"{first}^{{tree}}", "-p", second, "-m", "Roll back")
    git(shop.bare, "update-ref", f"refs/heads/{ACTIVE}", back)
    shop.release("1.4.0")
    assert shop.hydrate() == 0
    assert back in parents(shop, NEXT)
    assert merged(shop) == proposed(shop)


def test_after_the_promoters_merge_into_next_the_note_is_made_anew(shop: Deployment) -> None:
    assert shop.hydrate() == 0
    shop.declare(delivery="application", gates=[])
    assert shop.hydrate() == 0
    shop.commit(ACTIVE, {"x": "y"})
    ours = git(shop.bare, "commit-tree", f"{NEXT}^{{tree}}", "-p", NEXT, "-p", ACTIVE, "-m", "Merge (ours)")
    git(shop.bare, "update-ref", f"refs/heads/{NEXT}", ours)
    assert shop.hydrate() == 0
    assert shop.refs()[NEXT] == ours
    assert json.loads(git(shop.bare, "notes", "--ref", NOTES, "show", ours))["drySha"] == shop.refs()["releases"]


@pytest.mark.parametrize("branch", [NEXT, ACTIVE])
@pytest.mark.parametrize("is_hydrated", [False, True])
def test_histories_without_a_common_commit_are_joined(shop: Deployment, branch: str, is_hydrated: bool) -> None:
    if is_hydrated:
        assert shop.hydrate() == 0
    files = {path: shop.show(NEXT, path)[:-1] for path in shop.files(NEXT)} if branch == NEXT else {"old": ""}
    shop.commit(branch, files, "")
    heads = [shop.refs()[NEXT], shop.refs()[ACTIVE]]
    assert shop.hydrate() == 0
    assert parents(shop, NEXT) == heads
    assert merged(shop) == proposed(shop)
    before = shop.refs()
    assert shop.hydrate() == 0
    assert shop.refs() == before


@pytest.mark.parametrize(
    "files",
    [
        {METADATA: ""},
        {METADATA: "no JSON"},
        {METADATA: "[1]"},
        {METADATA: "[" * 100_000},
        {METADATA: '{"drySha": "' + "0" * 40 + '"}'},
        {METADATA: '{"drySha": "--output=x"}'},
        {METADATA: '{"drySha": 7}'},
        {METADATA: '{"drySha": null, "x": "' + "x" * 2_000_000 + '"}'},
        {RECORD: "{}"},
        {RECORD: ESCAPE},
        {"manifests/application.yaml": "kind: Evil\n"},
        {"manifests/more.yaml": "kind: Evil\n"},
        {".gitattributes": "* -diff filter=evil\n"},
    ],
    ids=lambda files: " ".join(f"{name} {text:.16}" for name, text in files.items()),
)
def test_whatever_is_on_next_is_replaced(shop: Deployment, files: dict[str, str]) -> None:
    assert shop.hydrate() == 0
    good = proposed(shop)
    shop.commit(NEXT, files)
    assert shop.hydrate() == 0
    assert proposed(shop) == good
    before = shop.refs()
    assert shop.hydrate() == 0
    assert shop.refs() == before


@pytest.mark.parametrize("note", ["no JSON", '{"drySha": "x"}', "[]", "{" * 100_000, '{"drySha": "' + "1" * 40 + '"}'])
def test_whatever_is_noted_is_replaced(shop: Deployment, note: str) -> None:
    assert shop.hydrate() == 0
    head = shop.refs()[NEXT]
    git(shop.bare, "notes", "--ref", NOTES, "add", "-F", "-", head, input_=note.encode())
    shop.declare(delivery="application", gates=[])
    assert shop.hydrate() == 0
    assert shop.refs()[NEXT] == head
    assert json.loads(git(shop.bare, "notes", "--ref", NOTES, "show", head))["drySha"] == shop.refs()["releases"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({RECORD: ""}, "expected a JSON document"),
        ({RECORD: json.dumps({"schema": ESCAPE})}, "schema: expected"),
        ({RECORD: '{"x": "' + "x" * 2_000_000 + '"}'}, "more than 1048576"),
        ({"unrelated": "1"}, "expected a release-record.json, found none"),
    ],
    ids=["empty", "schema", "huge", "none"],
)
def test_a_dry_branch_of_somebody_else_is_refused_unless_it_is_said(
    shop: Deployment, files: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.commit("releases", files, "")
    before = shop.refs()
    assert shop.hydrate() == 2
    err = capsys.readouterr().err
    assert said in err
    assert f"the dry branch: {before['releases'][:12]}" in err
    assert "\x1b" not in err
    assert shop.refs() == before
    assert shop.hydrate("--again") == 0
    assert git(shop.bare, "rev-parse", "releases^") == before["releases"]


def test_what_a_dry_run_shows_obeys_no_terminal_codes(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    shop.commit(ACTIVE, {"manifests/x.yaml": f"a: {ESCAPE}\u202e\n"})
    capsys.readouterr()
    assert shop.hydrate("--dry-run") == 0
    out = capsys.readouterr().out
    assert "-a: \\x1b]0;x\\x07\\u202e" in out
    assert not {"\x1b", "\x07", "\u202e"} & {*out}


def test_what_is_on_a_branch_is_read_as_the_promoter_does(
    shop: Deployment, copy: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy.fetch()
    assert branches.hydrated(copy, f"refs/heads/{ACTIVE}") == Hydrated(shop.refs()[ACTIVE])
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000000 +0000")
    assert shop.hydrate() == 0
    first = shop.refs()["releases"]
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000060 +0000")
    shop.declare(delivery="application", gates=[])
    assert shop.hydrate() == 0
    copy.fetch()
    found = branches.hydrated(copy, f"refs/heads/{NEXT}")
    newest = dry.newest(copy, environments.load(shop.declaration))
    assert newest is not None
    assert (newest.commit, newest.time) == (shop.refs()["releases"], 1700000060)
    assert (found.commit, found.dry, found.note) == (shop.refs()[NEXT], first, newest.commit)
    assert (found.version, found.dry_time, found.since) == ("1.2.3", 1700000000, 1700000000)
    record = read_document(shop.record, release_record.from_fields)
    assert found.record == newest.identity == release_record.identity(record)
    assert branches.hydrated_at(copy, found.commit, NEXT) == found._replace(note="")


def test_no_branch_holds_nothing(shop: Deployment, copy: GitRepository) -> None:
    git(shop.bare, "update-ref", "-d", f"refs/heads/{NEXT}")
    copy.fetch()
    assert branches.hydrated(copy, f"refs/heads/{NEXT}") == Hydrated()
    assert dry.newest(copy, environments.load(shop.declaration)) is None


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({METADATA: "x"}, "hydrator.metadata: expected a JSON document"),
        ({METADATA: json.dumps({"drySha": ESCAPE * 99})}, "drySha: expected the sha of a commit"),
        ({METADATA: '{"drySha": "' + "0" * 40 + '", "date": "soon"}'}, "date: expected such as"),
        ({METADATA: '{"drySha": "' + "0" * 40 + '"}', RECORD: "{}"}, "release-record.json: schema"),
    ],
    ids=["no-json", "sha", "date", "record"],
)
def test_a_branch_that_holds_nonsense_is_an_error_that_names_it(
    shop: Deployment, copy: GitRepository, files: dict[str, str], said: str
) -> None:
    made = shop.commit(NEXT, files)
    copy.fetch()
    with pytest.raises(InputError) as caught:
        branches.hydrated(copy, f"refs/heads/{NEXT}")
    assert caught.value.message.startswith(f"{NEXT}: {made[:12]}: ")
    assert said in caught.value.message
    assert len(caught.value.message) < 500
    assert "\x1b" not in caught.value.message


def test_a_refused_login_tells_no_secret(
    shop: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.server.password = secret_search.secret("server")
    word = secret_search.secret("wrong")
    settings = tmp_path / "gitconfig"
    settings.write_text(f'[credential]\nhelper = "!f() {{ echo username=git; echo password={word}; }}; f"\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    capsys.readouterr()
    assert shop.hydrate("-v") == 1
    out, err = capsys.readouterr()
    assert "ERROR git ls-remote: " in err
    assert not secret_search.found(out + err)


@pytest.mark.parametrize(
    "address", ["https://me:secret@host/x", "ext::sh -c x", "--upload-pack=x", "/etc", "http://host/\x1b[31m"]
)
def test_addresses_that_are_none_are_refused(
    shop: Deployment, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.hydrate(f"--repository={address}") == 2
    err = capsys.readouterr().err
    assert "--repository: " in err
    assert "secret" not in err
    assert "\x1b" not in err


def test_another_address_of_the_same_repository_is_pushed_to_and_not_recorded(shop: Deployment) -> None:
    assert shop.hydrate(f"--repository=file://{shop.bare}") == 0
    assert not shop.server.journal
    assert json.loads(shop.show(NEXT, METADATA))["repoURL"] == shop.url

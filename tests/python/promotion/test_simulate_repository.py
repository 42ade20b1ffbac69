"""The repository that a simulation leaves behind is a real one, laid out as the real commands lay it out."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from release_kit.adapters.simulated_repository import SimulatedRepository
from release_kit.documents import environments, hydrator_metadata, release_record
from release_kit.documents.fields import parse_document
from release_kit.engines.simulation.stage import release_record_of
from release_kit.errors import GitError, InputError
from release_kit.values.commit import NewCommit
from tests.support.simulations import SOON, Played, git, simulate

EVENTS: list[dict[str, Any]] = [
    {"at": "0s", "release": "1.0.0"},
    {"at": "1h", "change": ["demo"]},
    {"at": "2h", "release": "1.1.0"},
    {"at": "3h", "rollback": "demo"},
    {"at": "4h", "merge": "demo", "again": True},
    {"at": "5h", "release": "1.2.0"},
    {"at": "5h30m", "rollback": "demo"},
    {"at": "6h", "release": "1.3.0"},
    {"at": "7h", "merge": "release"},
]
REPORTERS = [*SOON, {"gate": "approval"}]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Plays everything that writes a commit, in `folder`."""
    found = simulate(EVENTS, folder=folder(tmp_path_factory), reporters=REPORTERS)
    assert found.found == []
    return found


@pytest.fixture(scope="module")
def repository(played: Played, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder(tmp_path_factory)


def folder(factory: pytest.TempPathFactory) -> Path:
    return factory.getbasetemp() / "simulated"


def commits(repository: Path, *revisions: str) -> Iterator[tuple[str, list[str]]]:
    for line in git(repository, "rev-list", "--parents", *revisions).splitlines():
        sha, *parents = line.split()
        yield sha, parents


def test_git_finds_nothing_wrong(repository: Path) -> None:
    done = subprocess.run(["git", "fsck", "--full", "--strict"], cwd=repository, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_branches_are_those_of_the_declaration(repository: Path) -> None:
    names = git(repository, "for-each-ref", "--format=%(refname)").splitlines()
    expected = [
        f"refs/heads/environment/{name}{end}" for name in ("demo", "demo-staging", "release") for end in ("", "-next")
    ]
    assert sorted(names) == sorted([*expected, "refs/heads/releases", "refs/notes/hydrator.metadata"])
    assert git(repository, "symbolic-ref", "HEAD") == "refs/heads/releases"


def test_both_branches_of_an_environment_share_their_history(repository: Path) -> None:
    for name in ("demo", "demo-staging", "release"):
        root = git(repository, "rev-list", "--max-parents=0", f"environment/{name}", f"environment/{name}-next")
        assert len(root.splitlines()) == 1


def test_the_heads_are_what_the_result_says(played: Played, repository: Path) -> None:
    for state in played.result.states:
        assert git(repository, "rev-parse", state.environment.branch) == state.active.commit
        assert git(repository, "rev-parse", state.environment.proposed_branch) == state.proposed.commit
        content = git(repository, "show", f"{state.environment.branch}:{hydrator_metadata.FILE_NAME}")
        assert hydrator_metadata.parse(content.encode(), "").dry_sha == state.active.dry


def test_a_dry_commit_has_all_that_hydration_needs(played: Played, repository: Path) -> None:
    names = git(repository, "ls-tree", "-r", "--name-only", "releases").splitlines()
    values = [f"values/{name}/00-simulated.yaml" for name in ("demo-staging", "demo", "release")]
    assert sorted(names) == sorted(["environments.json", "release-record.json", *values])
    record = parse_document(
        git(repository, "show", "releases:release-record.json").encode(), "", release_record.from_fields
    )
    made = release_record_of(played.declared, "1.3.0", skip_staging=False)
    assert release_record.identity(record) == release_record.identity(made)
    document = git(repository, "show", "releases:environments.json").encode()
    read = environments.parse(document, "", Path("/dry"))
    assert [each.values for each in read.environments] == [(Path("/dry") / path,) for path in values]


def test_a_hydrated_commit_has_its_metadata_its_record_and_one_application(repository: Path) -> None:
    names = git(repository, "ls-tree", "-r", "--name-only", "environment/demo-next").splitlines()
    assert names == ["hydrator.metadata", "manifests/application.yaml", "release-record.json"]
    metadata = json.loads(git(repository, "show", "environment/demo-next:hydrator.metadata"))
    dry = git(repository, "rev-parse", "releases")
    assert (metadata["drySha"], metadata["subject"]) == (dry, "Release shop 1.3.0")
    assert git(repository, "show", "-s", "--format=%cI", dry).startswith(metadata["date"].removesuffix("Z"))


def test_notes_name_the_newer_dry_commit(repository: Path) -> None:
    notes = git(repository, "notes", "--ref=hydrator.metadata", "list").splitlines()
    changed = git(repository, "rev-parse", "releases~3")
    assert len(notes) == 2
    assert {json.loads(git(repository, "cat-file", "-p", line.split()[0]))["drySha"] for line in notes} == {changed}


def test_every_promotion_is_the_merge_that_git_would_make(repository: Path) -> None:
    """Or it has conflicts, which GitOps Promoter resolves for what is proposed (git.go, MergeWithOursStrategy)."""
    merges = 0
    for name in ("demo", "demo-staging", "release"):
        for sha, parents in commits(repository, "--first-parent", "--merges", f"environment/{name}"):
            merges += 1
            command = ["git", "merge-tree", "--write-tree", *parents]
            done = subprocess.run(command, cwd=repository, capture_output=True, text=True)
            tree = git(repository, "rev-parse", f"{sha}^{{tree}}")
            if "--again" in git(repository, "show", "-s", "--format=%B", sha) or is_again(repository, parents):
                continue
            assert tree == git(repository, "rev-parse", f"{parents[1]}^{{tree}}")
            assert done.returncode == 0, done.stdout
            assert done.stdout.strip() == tree
    assert merges == 4 + 6 + 1


def is_again(repository: Path, parents: list[str]) -> bool:
    """Tells whether a merge brings again what git takes as merged: git itself would do nothing."""
    command = ["git", "merge-base", "--is-ancestor", parents[1], parents[0]]
    return subprocess.run(command, cwd=repository).returncode == 0


def test_a_rollback_has_the_content_of_the_earlier_commit(repository: Path) -> None:
    found = git(
        repository, "log", "--first-parent", "--grep=^Rolled-Back-From: 1.2.0", "--format=%H", "environment/demo"
    )
    (sha,) = found.splitlines()
    body = git(repository, "show", "-s", "--format=%B", sha)
    assert body.startswith("Roll demo back to shop 1.1.0\n")
    again = git(repository, "rev-parse", f"{sha}~2^{{tree}}")
    assert git(repository, "rev-parse", f"{sha}^{{tree}}") == again


def test_what_is_hydrated_after_a_rollback_has_both_histories(repository: Path) -> None:
    """So its promotion can't mix what was rolled back with what is new."""
    (sha, parents), *_ = commits(repository, "environment/demo-next")
    assert len(parents) == 2
    assert "Roll demo back" in git(repository, "show", "-s", "--format=%s", parents[1])
    assert sha == git(repository, "rev-parse", "environment/demo^2")


def test_a_promotion_says_what_it_is(played: Played, repository: Path) -> None:
    active = played.result.states[1].active
    body = git(repository, "show", "-s", "--format=%B", "environment/demo")
    assert body.startswith("Promote demo to shop 1.3.0\n\n")
    for line in (f"Release-Record: {active.record}", f"Dry-Sha: {active.dry}", "Promoted-From: demo-staging"):
        assert line in body.splitlines()


def test_the_same_scenario_makes_the_same_commits(played: Played, repository: Path, tmp_path: Path) -> None:
    simulate(EVENTS, folder=tmp_path / "again", reporters=REPORTERS)
    assert git(tmp_path / "again", "show-ref") == git(repository, "show-ref")


def test_the_users_settings_have_no_part_in_it(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DEFAULT_HASH", "sha256")
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Somebody")
    monkeypatch.setenv("GIT_TEMPLATE_DIR", "/nonexistent")
    simulate(EVENTS, folder=tmp_path / "again", reporters=REPORTERS)
    for name in ("GIT_DIR", "GIT_DEFAULT_HASH"):
        monkeypatch.delenv(name)
    assert git(tmp_path / "again", "show-ref") == git(repository, "show-ref")


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(InputError, match="there is something already"):
        SimulatedRepository(tmp_path, "main")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    with pytest.raises(InputError, match="there is something already"):
        SimulatedRepository(tmp_path / "mine", "main")


def write(folder: Path, ref: str, fail: bool = False) -> None:
    """Makes a commit; then fails, if it is to."""
    with SimulatedRepository(folder, "main") as writer:
        writer.commit(NewCommit(ref, (), (("a/b/c", writer.blob(b"x")),), "m\n", 1_700_000_000))
        if fail:
            raise ZeroDivisionError


def test_what_git_refuses_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="git fast-import: .*main..next"):
        write(tmp_path / "r", "refs/heads/main..next")


def test_an_error_on_the_way_leaves_no_branch(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "r", "refs/heads/main", fail=True)
    assert git(tmp_path / "r", "for-each-ref") == ""


def test_nothing_of_the_stream_is_left_in_the_repository(tmp_path: Path) -> None:
    write(tmp_path / "r", "refs/heads/main")
    assert not [path.name for path in (tmp_path / "r").iterdir() if "mark" in path.name]
    assert git(tmp_path / "r", "show", "main:a/b/c") == "x"


def test_names_of_objects_are_those_of_git(tmp_path: Path) -> None:
    """With files and folders whose order differs by whether a folder's name ends with a slash."""
    paths = ("a-b", "a.b/c", "a/b", "a.c", "a0", "z/y/x")
    with SimulatedRepository(tmp_path / "r", "main") as writer:
        files = tuple((path, writer.blob(path.encode())) for path in paths)
        sha = writer.commit(NewCommit("refs/heads/main", (), files, "caf\u00e9\n\nbody\n", 1_700_000_000))
    assert git(tmp_path / "r", "rev-parse", "main") == sha


def test_without_git_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="git is not on PATH"):
        SimulatedRepository(tmp_path / "r", "main").__enter__()

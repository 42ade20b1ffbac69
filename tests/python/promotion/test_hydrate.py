"""`release-kit hydrate`: what is on the branches afterwards, with a real git server and a real helm."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.git_server import GitServer, git
from tests.support import deployments
from tests.support.deployments import NAMES, Deployment
from tests.support.fault_registry import FaultRegistry

OBJECTS = ["customresourcedefinition-carts.shop.example", "job-migrate", "pod-shop", "service-web"]
CONTENTS = ["hydrator.metadata", *(f"manifests/{name}.yaml" for name in OBJECTS), "release-record.json"]
NOTES = "refs/notes/hydrator.metadata"


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deployments.own_settings(tmp_path, monkeypatch)


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path) -> Iterator[Deployment]:
    with FaultRegistry() as registry, GitServer(tmp_path / "git") as server:
        shop = Deployment(tmp_path, registry.host, server)
        shop.release()
        yield shop


def changes(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Returns what the printed result says of the dry branch and of each environment."""
    told = json.loads(capsys.readouterr().out)
    return [told["dry"]["change"], *(each["change"] for each in told["environments"])]


def test_each_environment_gets_the_rendered_chart_with_its_record_and_metadata(shop: Deployment) -> None:
    assert shop.hydrate() == 0
    for name in NAMES:
        branch = f"environment/{name}-next"
        assert shop.files(branch) == CONTENTS
        metadata = json.loads(shop.show(branch, "hydrator.metadata"))
        assert list(metadata) == ["repoURL", "drySha", "author", "date", "subject", "body"]
        assert metadata["drySha"] == shop.refs()["releases"]
        assert (metadata["repoURL"], metadata["author"]) == (shop.url, "Jo Doe <jo@example.com>")
        assert metadata["subject"] == "Release shop 1.2.3"
        record = json.loads(shop.show(branch, "release-record.json"))
        assert (record["version"], record["registry"]) == ("1.2.3", "")
        assert "image:" in shop.show(branch, "manifests/pod-shop.yaml")


def test_the_date_is_that_of_the_dry_commit(shop: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-31T13:00:00+01:00")
    assert shop.hydrate() == 0
    assert json.loads(shop.show("environment/demo-next", "hydrator.metadata"))["date"] == "2026-01-31T12:00:00Z"


def test_no_active_branch_is_ever_moved(shop: Deployment) -> None:
    before = {name: sha for name, sha in shop.refs().items() if not name.endswith("-next")}
    assert shop.hydrate() == 0
    assert {name: sha for name, sha in shop.refs().items() if name in before} == before


def test_the_commit_on_next_follows_the_one_before(shop: Deployment) -> None:
    begin = shop.refs()["environment/demo-next"]
    assert shop.hydrate() == 0
    assert git(shop.bare, "rev-parse", "environment/demo-next^") == begin
    message = git(shop.bare, "log", "-1", "--format=%B", "environment/demo-next")
    assert message.startswith("Hydrate demo: shop 1.2.3\n\nDry-Sha: ")
    assert "Argocd-" not in message


def test_second_hydrate_commits_nothing(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.hydrate() == 0
    before = shop.refs()
    steps = len(shop.server.journal)
    capsys.readouterr()
    assert shop.hydrate() == 0
    assert shop.refs() == before
    assert "push" not in shop.server.steps()[steps:]
    out, err = capsys.readouterr()
    assert "everything is hydrated already" in err
    assert out.count(" none ") == 1 + len(NAMES)


def test_the_table_says_what_became_of_each_environment(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert shop.hydrate("--environment", "demo") == 0
    head, dry, demo = capsys.readouterr().out.splitlines()
    refs = shop.refs()
    assert head.split() == ["ENVIRONMENT", "BRANCH", "COMMIT", "CHANGE", "VERSION"]
    assert dry.split() == ["releases", refs["releases"][:12], "new", "commit", "1.2.3"]
    next_head = refs["environment/demo-next"][:12]
    assert demo.split() == ["demo", "environment/demo-next", next_head, "new", "commit", "1.2.3"]


def test_all_branches_are_pushed_at_once(shop: Deployment) -> None:
    steps = len(shop.server.journal)
    assert shop.hydrate() == 0
    assert shop.server.steps()[steps:].count("push") == 1


def test_the_dry_commit_has_all_that_hydration_needs(shop: Deployment, tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("port: 80\n")
    (tmp_path / "prod ü.yaml").write_text("port: 8443\n")
    values = ["base.yaml", str(tmp_path / "prod ü.yaml")]
    shop.declare(environments=[{"name": "staging"}, {"name": "demo"}, {"name": "prod", "values": values}])
    assert shop.hydrate() == 0
    assert shop.files("releases") == [
        "environments.json",
        "release-record.json",
        "values/prod/00-base.yaml",
        "values/prod/01-prod-.yaml",
    ]
    declared = json.loads(shop.show("releases", "environments.json"))
    assert declared["environments"][2]["values"] == ["values/prod/00-base.yaml", "values/prod/01-prod-.yaml"]
    assert "port: 8443" in shop.show("environment/prod-next", "manifests/service-web.yaml")


def test_values_of_the_packed_chart_come_first_and_the_environments_own_win(shop: Deployment, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("port: 5\n")
    demo = {"name": "demo", "value_files": ["values-prod.yaml"], "values": ["own.yaml"]}
    shop.declare(environments=[{"name": "staging"}, demo, {"name": "prod", "value_files": ["./values-prod.yaml"]}])
    assert shop.hydrate() == 0
    for name, port in {"staging": 80, "demo": 5, "prod": 443}.items():
        assert f"port: {port}}}" in shop.show(f"environment/{name}-next", "manifests/service-web.yaml")


def test_a_cluster_of_other_apis_is_rendered_for(shop: Deployment) -> None:
    demo = {"name": "demo", "api_versions": ["shop.example/v1"]}
    shop.declare(environments=[{"name": "staging"}, demo, {"name": "prod"}])
    assert shop.hydrate() == 0
    assert "manifests/elsewhere.cart.shop.example-cart.yaml" in shop.files("environment/demo-next")
    assert shop.files("environment/prod-next") == CONTENTS


def test_where_nothing_changes_a_note_stands_for_the_new_dry_commit(
    shop: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.hydrate() == 0
    before = shop.refs()
    (tmp_path / "own.yaml").write_text("port: 8080\n")
    shop.declare(environments=[{"name": "staging"}, {"name": "demo"}, {"name": "prod", "values": ["own.yaml"]}])
    capsys.readouterr()
    assert shop.hydrate("--json") == 0
    assert changes(capsys) == ["committed", "noted", "noted", "committed"]
    after = shop.refs()
    assert after["environment/demo-next"] == before["environment/demo-next"]
    note = git(shop.bare, "notes", "--ref", NOTES, "show", after["environment/demo-next"])
    assert json.loads(note) == {"drySha": after["releases"]}
    assert shop.hydrate("--json") == 0
    assert changes(capsys) == ["nothing"] * 4
    assert shop.refs() == after


def test_notes_of_others_stay(shop: Deployment) -> None:
    stranger = shop.refs()["environment/demo"]
    git(shop.bare, "notes", "--ref", NOTES, "add", "-m", "theirs", stranger)
    assert shop.hydrate() == 0
    shop.declare(environments=[{"name": "staging"}, {"name": "demo"}, {"name": "prod", "namespace": "x"}])
    assert shop.hydrate() == 0
    assert git(shop.bare, "notes", "--ref", NOTES, "show", stranger) == "theirs"
    assert git(shop.bare, "notes", "--ref", NOTES, "show", "environment/demo-next")


def test_the_next_release_is_one_more_commit_each(shop: Deployment) -> None:
    assert shop.hydrate() == 0
    shop.release("1.3.0")
    assert shop.hydrate() == 0
    assert [shop.count(branch) for branch in ("releases", "environment/demo-next")] == [2, 3]
    assert git(shop.bare, "log", "-1", "--format=%s", "releases") == "Release shop 1.3.0"


def test_an_older_release_is_refused_unless_it_is_said(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    old = shop.record.read_bytes()
    shop.release("1.3.0")
    assert shop.hydrate() == 0
    before = shop.refs()
    shop.record.write_bytes(old)
    assert shop.hydrate() == 2
    assert "1.2.3 is older than 1.3.0, which was hydrated last" in capsys.readouterr().err
    assert shop.refs() == before
    assert shop.hydrate("--again") == 0
    assert json.loads(shop.show("environment/demo-next", "release-record.json"))["version"] == "1.2.3"
    assert shop.count("releases") == 2


def test_one_version_has_one_record(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.hydrate() == 0
    record = json.loads(shop.record.read_text())
    record["images"][0]["digest"] = f"sha256:{'7' * 64}"
    shop.record.write_text(json.dumps(record))
    assert shop.hydrate() == 2
    assert "1.2.3 has been hydrated already, with another release record" in capsys.readouterr().err


def test_the_record_is_fetched_from_the_registry(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    shop.declare(record_repository="releases")
    assert shop.hydrate("--release", "1.2.3") == 2
    assert "/releases: there is no release record of 1.2.3" in capsys.readouterr().err
    shop.release(record_repository="releases")
    assert shop.hydrate("--release", "1.2.3") == 0
    assert json.loads(shop.show("environment/demo-next", "release-record.json"))["version"] == "1.2.3"
    shop.declare()
    assert shop.hydrate("--release", "1.2.3") == 2
    assert "name it in record_repository" in capsys.readouterr().err


def test_an_application_pins_the_chart_without_helm_or_registry(shop: Deployment, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("replicas: 5\n")
    shop.declare(delivery="application", environments=[{"name": "demo", "values": ["own.yaml"]}])
    assert shop.hydrate("--helm", "/no/helm") == 0
    assert shop.files("environment/demo-next") == [CONTENTS[0], "manifests/application.yaml", CONTENTS[-1]]
    text = shop.show("environment/demo-next", "manifests/application.yaml")
    assert "targetRevision: 1.2.3" in text
    assert "replicas: 5" in text


def test_what_tracks_versions_has_no_branch(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    shop.declare(environments=[{"name": "staging", "tracks": "*"}, {"name": "demo"}])
    begin = shop.refs()["environment/staging-next"]
    assert shop.hydrate() == 0
    assert shop.refs()["environment/staging-next"] == begin
    assert shop.hydrate("--environment", "staging") == 2
    assert "staging tracks versions: it has no branch" in capsys.readouterr().err


def test_a_dry_run_pushes_nothing_and_shows_what_would_change_in_what_runs(
    shop: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.hydrate("--environment", "demo") == 0
    shop.promote("demo")
    shop.work.chart.joinpath("values.yaml").write_text(
        "images: {core: {repository: core, tag: '', digest: ''}}\nport: 81\n"
    )
    shop.release("1.3.0")
    before, steps = shop.refs(), len(shop.server.journal)
    capsys.readouterr()
    assert shop.hydrate("--dry-run") == 0
    out, err = capsys.readouterr()
    assert "nothing was pushed" in err
    assert shop.refs() == before
    assert "push" not in shop.server.steps()[steps:]
    demo = out.partition("\ndemo: from environment/demo")[2].partition("\nprod: from")[0]
    assert "-spec: {ports: [{port: 80}]}" in demo
    assert "+spec: {ports: [{port: 81}]}" in demo
    assert "new file" not in demo


def test_after_a_promotion_a_dry_run_of_the_same_release_shows_no_difference(
    shop: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.hydrate() == 0
    shop.promote("demo")
    capsys.readouterr()
    assert shop.hydrate("--dry-run", "--json", "--environment", "demo") == 0
    (demo,) = json.loads(capsys.readouterr().out)["environments"]
    assert (demo["change"], demo["diff"]) == ("nothing", "")


def test_missing_branches_are_not_made(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    git(shop.bare, "update-ref", "-d", "refs/heads/environment/demo-next")
    before = shop.refs()
    assert shop.hydrate() == 1
    err = capsys.readouterr().err
    assert "has no branch environment/demo-next" in err
    assert "bootstrap.sh" in err
    assert shop.refs() == before
    assert shop.hydrate("--environment", "prod") == 0


def test_the_dry_branch_may_begin_as_bootstrap_lets_it(shop: Deployment) -> None:
    tree = git(shop.bare, "hash-object", "-w", "-t", "tree", "--stdin")
    begin = git(shop.bare, "commit-tree", tree, "-m", "Begin")
    git(shop.bare, "update-ref", "refs/heads/releases", begin)
    assert shop.hydrate() == 0
    assert git(shop.bare, "rev-parse", "releases~1") == begin


def test_links_and_submodules_on_next_are_taken_away(shop: Deployment) -> None:
    assert shop.hydrate() == 0
    good, branch = shop.files("environment/demo-next"), "refs/heads/environment/demo-next"
    blob = git(shop.bare, "hash-object", "-w", "--stdin", input_=b"/etc/passwd")
    entries = f"{git(shop.bare, 'ls-tree', branch)}\n120000 blob {blob}\tlink\n"
    made = git(shop.bare, "commit-tree", git(shop.bare, "mktree", input_=entries.encode()), "-p", branch, "-m", "x")
    git(shop.bare, "update-ref", branch, made)
    assert shop.files("environment/demo-next") != good
    assert shop.hydrate() == 0
    assert shop.files("environment/demo-next") == good


def test_a_long_name_of_a_values_file_is_cut(shop: Deployment, tmp_path: Path) -> None:
    long = f"{'v' * 250}.yaml"
    (tmp_path / long).write_text("replicas: 5\n")
    shop.declare(environments=[{"name": "demo", "values": [long]}])
    assert shop.hydrate() == 0
    assert f"values/demo/00-{'v' * 95}.yaml" in shop.files("releases")


@pytest.mark.parametrize(
    ("staging", "words"),
    [
        ((), "1.2.3 skips staging, which changes nothing: no environment is declared as staging"),
        (NAMES[:1], f"1.2.3 skips staging: no environment waits until it has passed {NAMES[0]}"),
    ],
    ids=["none", "one"],
)
def test_a_hotfix_is_told_with_whom_it_does_not_wait_for(
    shop: Deployment, capsys: pytest.CaptureFixture[str], staging: tuple[str, ...], words: str
) -> None:
    assert shop.hydrate() == 0
    assert "skips staging" not in capsys.readouterr().err
    shop.declare(environments=[{"name": name, "staging": name in staging} for name in NAMES])
    record = {**json.loads(shop.record.read_text()), "skip_staging": True}
    shop.record.write_text(json.dumps(record))
    assert shop.hydrate("--again") == 0
    assert capsys.readouterr().err.count(words) == 1
    assert json.loads(shop.show(f"environment/{NAMES[1]}-next", "release-record.json"))["skip_staging"] is True
    assert "It skips staging." in json.loads(shop.show(f"environment/{NAMES[1]}-next", "hydrator.metadata"))["body"]


@pytest.fixture(name="staged")
def staged_fixture(shop: Deployment) -> Deployment:
    """1.3.0 is being tested in staging; what comes later has 1.2.3."""
    shop.declare(environments=[{"name": name, "staging": name == NAMES[0]} for name in NAMES])
    assert shop.hydrate() == 0
    for name in NAMES:
        shop.promote(name)
    shop.release("1.3.0")
    assert shop.hydrate() == 0
    shop.promote(NAMES[0])
    return shop


def hotfix(shop: Deployment, version: str) -> None:
    shop.release(version)
    shop.record.write_text(json.dumps({**json.loads(shop.record.read_text()), "skip_staging": True}))


def proposed(shop: Deployment) -> list[str]:
    return [json.loads(shop.show(f"environment/{name}-next", "release-record.json"))["version"] for name in NAMES]


def test_a_hotfix_leaves_a_newer_release_in_staging_and_goes_everywhere_else(
    staged: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    hotfix(staged, "1.2.4")
    assert staged.hydrate() == 0
    assert proposed(staged) == ["1.3.0", *["1.2.4"] * (len(NAMES) - 1)]
    assert f"{NAMES[0]} keeps 1.3.0, which is newer" in capsys.readouterr().err
    before = staged.refs()
    assert staged.hydrate() == 0
    assert staged.refs() == before, "a second time changes nothing"


def test_the_newer_release_is_hydrated_again_after_a_hotfix(staged: Deployment) -> None:
    hotfix(staged, "1.2.4")
    assert staged.hydrate() == 0
    staged.release("1.3.0")
    assert staged.hydrate() == 0
    assert proposed(staged) == ["1.3.0"] * len(NAMES)


def test_a_hotfix_that_is_newer_than_staging_goes_there_too(staged: Deployment) -> None:
    hotfix(staged, "1.3.1")
    assert staged.hydrate() == 0
    assert proposed(staged) == ["1.3.1"] * len(NAMES)


def test_an_older_release_that_skips_nothing_is_refused_as_ever(staged: Deployment) -> None:
    staged.release("1.2.4")
    assert staged.hydrate() == 2
    assert proposed(staged) == ["1.3.0"] * len(NAMES)


def test_a_hotfix_does_not_take_a_version_that_was_hydrated(staged: Deployment) -> None:
    hotfix(staged, "1.3.0")
    assert staged.hydrate() == 2

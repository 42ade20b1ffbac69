"""`release-kit workflows`: what is generated, what is left alone, what is refused; and the policy on any file."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from release_kit.cli.app import main
from release_kit.engines.workflows import stages, tree
from release_kit.errors import InputError
from tests.support import workflows
from tests.support.workflows import DECLARATIONS, Edit, declared

SAMPLE = str(DECLARATIONS / "sample.json")


@pytest.fixture(autouse=True)
def _no_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUILD_WORKSPACE_DIRECTORY", raising=False)


def generate(folder: Path, *arguments: str, declaration: str = SAMPLE) -> int:
    return main(["workflows", "generate", declaration, "--output", str(folder), *arguments])


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_all_workflows_are_written_and_a_second_run_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate(tmp_path / "made") == 0
    assert contents(tmp_path / "made") == workflows.texts("sample")
    capsys.readouterr()
    assert generate(tmp_path / "made") == 0
    assert {line.split(" ")[0] for line in capsys.readouterr().out.splitlines()} == {"kept"}


def test_each_file_says_in_its_first_line_what_wrote_it() -> None:
    for text in workflows.texts("sample").values():
        assert text.startswith("# Written by release-kit workflows generate from shop; to change it, ")


def test_a_check_writes_nothing_and_says_what_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        generate(tmp_path / "none", "--check", "--fix-command", "bazel run //gitops:environments.workflows.update") == 1
    )
    told = capsys.readouterr()
    assert "run bazel run //gitops:environments.workflows.update" in told.err
    assert "+++ b/release.yml" in told.out
    assert not (tmp_path / "none").exists()
    assert generate(tmp_path / "none", "--check") == 1
    assert f"run release-kit workflows generate {SAMPLE} --output {tmp_path / 'none'}" in capsys.readouterr().err


def test_a_check_finds_a_changed_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate(tmp_path)
    (tmp_path / "ci.yml").write_text((tmp_path / "ci.yml").read_text().replace("bazel test", "bazel build"))
    capsys.readouterr()
    assert generate(tmp_path, "--check") == 1
    told = capsys.readouterr()
    assert "+          bazel test //..." in told.out
    assert "not as the declaration says: ci.yml" in told.err


def test_others_files_are_left_alone_and_what_is_stale_goes(tmp_path: Path) -> None:
    generate(tmp_path)
    (tmp_path / "nightly.yml").write_text("# by hand\n")
    fewer = tmp_path / "declared.json"
    document = json.loads(Path(SAMPLE).read_text())
    del document["pipeline"]["charts"]
    fewer.write_text(json.dumps(document))
    shutil.copytree(tmp_path, tmp_path / "made")
    (tmp_path / "made/declared.json").unlink()
    assert generate(tmp_path / "made", "--check", declaration=str(fewer)) == 1
    assert generate(tmp_path / "made", declaration=str(fewer)) == 0
    assert {*contents(tmp_path / "made")} == {"ci.yml", "e2e-tests.yml", "nightly.yml", "release.yml", "rollback.yml"}
    assert generate(tmp_path / "made", "--check", declaration=str(fewer)) == 0


def test_a_workflow_by_hand_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "release.yml").write_text("# by hand\n")
    assert generate(tmp_path) == 2
    assert contents(tmp_path) == {"release.yml": "# by hand\n"}
    assert "expected a file that was generated from shop" in capsys.readouterr().err


def first(**fields: Any) -> Edit:
    return lambda document: document["environments"][0].update(fields)


def at_github(position: int, **fields: Any) -> Edit:
    return lambda document: document["environments"][position]["github"].update(fields)


def all_track(document: dict[str, Any]) -> None:
    for environment in document["environments"]:
        environment.update(tracks="*", gates=[], staging=False)


def without(key: str) -> Edit:
    return lambda document: document.pop(key)


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        (without("pipeline"), "pipeline: missing"),
        (without("command"), "command: missing"),
        (at_github(1, secrets=["DEPLOY_TOKEN"]), "environment demo: github.secrets: ARGOCD_AUTH_TOKEN is missing"),
        (at_github(1, variables={}), "environment demo: github.variables: ARGOCD_SERVER is missing"),
        (first(url=""), "environment demo-staging: url: missing"),
        (at_github(2, reviewers=[]), "environment release: github.reviewers: nobody agrees to the gate approval"),
        (first(automatic=False), "environment demo-staging: github.reviewers: a person promotes to it"),
        (all_track, "environments: a pipeline needs one that pins a version"),
    ],
)
def test_what_a_pipeline_lacks_is_refused(edit: Edit, place: str) -> None:
    with pytest.raises(InputError) as refused:
        tree.files(declared("sample", edit))
    assert place in refused.value.message
    assert refused.value.remedy


def test_an_environment_that_tracks_needs_the_token_of_the_deploy_repository_too() -> None:
    with pytest.raises(InputError, match="environment edge: github.secrets: STORE_DEPLOY is missing"):
        tree.files(declared("five", at_github(0, secrets=["ARGOCD_AUTH_TOKEN", "STORE_PASSWORD"])))


def test_a_single_environment_is_the_release_itself() -> None:
    def edit(document: dict[str, Any]) -> None:
        del document["environments"][:2]

    made = declared("sample", edit)
    text = tree.files(made)["release.yml"]
    found = workflows.read(text)["jobs"]
    assert list(found) == ["build", "release"]
    commands = [
        word for word in ("hydrate", "report", "promote", "argocd-wait", "publish") if f"//release:{word} " in text
    ]
    places = [text.index(f"//release:{word} ") for word in commands]
    assert len(commands) == 5
    assert places == sorted(places)
    assert "e2e-tests.yml" not in tree.files(made)


def test_environments_after_the_last_that_pins_are_left_out() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["environments"].append({"name": "edge", "tracks": "*", "github": {}})

    assert [stage.environment.name for stage in stages.stages(declared("sample", edit))] == [
        "demo-staging",
        "demo",
        "release",
    ]


def test_what_holds_up_every_release_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert [*stages.notes(declared("sample", at_github(2, wait_minutes=60)))] == []
    assert [note.split(":")[0] for note in stages.notes(declared("sample"))] == ["release"]
    notes = [*stages.notes(declared("sample", at_github(2, wait_minutes=5, tags=[])))]
    assert [note.split(":")[0] for note in notes] == ["release", "release"]
    assert "60 minutes" in notes[0]
    assert generate(tmp_path, declaration=str(DECLARATIONS / "five.json")) == 0
    assert "canary: a timer before it takes 120 minutes" in capsys.readouterr().err


def test_the_policy_holds_of_what_is_generated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate(tmp_path)
    capsys.readouterr()
    assert main(["workflows", "check", str(tmp_path), "--environments", SAMPLE]) == 0
    told = capsys.readouterr()
    assert (told.out, "0 findings in 5 workflows" in told.err) == ("", True)


def test_a_finding_says_where_what_by_which_rule_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    generate(tmp_path)
    file = tmp_path / "ci.yml"
    file.write_text(file.read_text().replace("    timeout-minutes: 60\n", ""))
    capsys.readouterr()
    assert main(["workflows", "check", str(file)]) == 1
    line = file.read_text().splitlines().index("  test:") + 1
    assert capsys.readouterr().out.splitlines() == [
        f"{file}:{line}: jobs.test: the job test has no end [timeout-missing]",
        "  try: add timeout-minutes: a little more than it ever takes",
    ]
    assert main(["workflows", "check", str(tmp_path), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["schema"] == "rules_release/workflow-policy/v1"
    assert [each["rule"] for each in report["findings"]] == ["timeout-missing"]
    assert {Path(each).name for each in report["files"]} == {*workflows.texts("sample")}


def test_a_path_without_workflows_is_refused(tmp_path: Path) -> None:
    assert main(["workflows", "check", str(tmp_path)]) == 2
    assert main(["workflows", "check", str(tmp_path / "none")]) == 2


HOSTILE = [
    "",
    "- a\n",
    "jobs: []\n",
    "jobs: {a: }\n",
    "jobs: {a: {steps: {b: c}}}\n",
    "jobs: {a: {steps: [7, null, [x], {run: 7, env: [1], with: x, uses: {}}], needs: {a: b}, if: [1]}}\n",
    "jobs: {a: {environment: [2], strategy: 7, outputs: x}}\n",
    "jobs: {a: {needs: [a, b, 7], runs-on: {labels: 7}, permissions: [x], services: {a: 7}, container: [1]}}\n",
    "on: [push, 7, {a: b}]\njobs: {a: {needs: b, if: '${{ ((((' }, b: {needs: a, if: \"${{ needs['a']. }}\"}}\n",
    "on: {workflow_dispatch: {inputs: [a]}}\njobs: {a: {environment: '${{ inputs.x }}', secrets: {a: 7}}}\n",
    f'jobs: {{a: {{steps: [{{run: "{"$(" * 4000}"}}]}}}}\n',
    f'jobs: {{a: {{steps: [{{run: "{"`" * 4001}{"<<EOF " * 50}"}}], if: "${{{{ {"(" * 3000} }}}}"}}}}\n',
    "jobs: {a: {steps: [{run: \"echo '\\e[2J ${{ github.event.issue.title \"}]}, '\\e[2J': {}}\n",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_workflow_is_too_odd_to_be_looked_at(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "odd.yml").write_text(text)
    assert main(["workflows", "check", str(tmp_path), "--environments", SAMPLE]) == 1
    told = capsys.readouterr()
    assert all(letter.isprintable() or letter == "\n" for letter in told.out + told.err)

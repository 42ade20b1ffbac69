"""What is right in workflows that were written by hand is no finding."""

import textwrap

import pytest

from release_kit.engines.workflows.policy.run import check
from tests.support import workflows

HEAD = """\
on: {push: {branches: [main]}, pull_request: {}}
permissions: {}
concurrency: {group: own, cancel-in-progress: true}
jobs:
  own:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
"""
JOBS = {
    "a permission that an unknown action may need": """
        permissions: {security-events: write}
        steps:
          - uses: acme/scan@0123456789012345678901234567890123456789
        """,
    "a permission that a command needs": """
        permissions: {contents: write, packages: write, pull-requests: write}
        steps:
          - run: git push origin main && gh pr create --fill && skopeo copy a docker://b
        """,
    "a secret that a program reads from its input": """
        steps:
          - env: {KEY: "${{ secrets.KEY }}"}
            run: |
              printf '%s' "$KEY" | gpg --batch --import
              docker login ghcr.io --password-stdin <<<"$KEY"
              [ -n "$KEY" ] || exit 1
              if [[ -z $KEY ]]; then exit 1; fi
              echo "${#KEY} letters, ${KEY:+set}"
        """,
    "a secret in a step's environment": """
        steps:
          - env: {KEY: "${{ secrets.KEY }}"}
            run: |
              # echo "$KEY"
              echo '$KEY'
              env -u HOME make
              set -euo pipefail
        """,
    "an untrusted text in quotes": """
        steps:
          - env: {TITLE: "${{ github.event.pull_request.title }}"}
            run: |
              echo "$TITLE"
              [[ $TITLE == fix:* ]]
              grep -q x <<<"$TITLE"
        """,
    "what nobody chooses in a script": """
        steps:
          - run: echo "${{ github.sha }} ${{ runner.temp }} ${{ github.run_id }}"
        """,
    "an expression around all of a condition": """
        if: ${{ github.event_name == 'push' && contains(github.event.head_commit.message, '}') }}
        steps:
          - if: always()
            run: curl -fsSLo tool https://acme.example/tool && sha256sum -c tool.sha256 && bash tool
        """,
    "images and actions with digests": f"""
        container: debian@sha256:{"a" * 64}
        services: {{db: {{image: "postgres@sha256:{"b" * 64}"}}}}
        steps:
          - uses: docker://alpine@sha256:{"c" * 64}
          - uses: ./.github/actions/own
        """,
}


@pytest.mark.parametrize("name", JOBS)
def test_what_is_right_is_no_finding(name: str) -> None:
    text = HEAD + textwrap.indent(textwrap.dedent(JOBS[name]).lstrip("\n"), "    ")
    assert check({"own.yml": text}, {}) == ()


def test_other_workflows_beside_a_declaration_may_use_the_secrets_of_the_repository() -> None:
    text = HEAD + "    steps: [{env: {KEY: '${{ secrets.CODECOV_TOKEN }}', USER: '${{ vars.WHO }}'}, run: upload}]\n"
    files = {**workflows.texts("sample"), "own.yml": text}
    assert check(files, {}, workflows.declared("sample")) == ()


def test_a_command_by_hand_may_have_lines_files_and_a_comment() -> None:
    script = """\
        # tested again each night
        release-kit e2e suite.json --environments e.json --environment demo \\
          --gate e2e --report --commit-status --take-over >out.json 2>&1
        """
    steps = (
        f"    environment: demo\n    concurrency: e2e-demo\n    steps:\n      - run: |\n{textwrap.indent(script, '  ')}"
    )
    text = HEAD.replace("{push: {branches: [main]}, pull_request: {}}", "{schedule: [{cron: 0 4 * * *}]}") + steps
    assert check({"own.yml": text}, {}, workflows.declared("sample")) == ()
    alone = text.replace("concurrency: e2e-demo", "concurrency: {group: e2e-demo, cancel-in-progress: true}")
    assert [each.rule for each in check({"own.yml": alone}, {}, workflows.declared("sample"))] == ["check-weakened"]


def test_a_look_at_what_would_be_pushed_is_no_release() -> None:
    text = HEAD + "    steps: [{run: bazel run //release:push -- --dry-run}]\n"
    assert check({"own.yml": text}, {}, workflows.declared("sample")) == ()


def test_a_file_that_can_not_be_read_is_a_finding() -> None:
    found = check({}, {"own.yml": "is no UTF-8 text"})
    assert [(each.rule, each.file) for each in found] == [("workflow-syntax", "own.yml")]

"""The pipeline that releases go through at GitHub: its workflows, and what its environments are given."""

import re
from typing import NamedTuple

from release_kit.documents.fields import Fields
from release_kit.errors import InputError
from release_kit.values import branch

MAX_WAIT_MINUTES = 43200
"""As long as GitHub lets an environment wait: 30 days (docs.github.com/rest/deployments/environments)."""
MAX_REVIEWERS = 6
"""As many as GitHub takes for an environment."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,99}", re.ASCII)
"""Names of secrets and variables; GitHub shows them in capitals."""
_RESERVED = "GITHUB_"
_REVIEWER = re.compile(r"(team|user)/[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)
_RUNNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_PATTERN = re.compile(r"[\w./*?+\[\]!@-]+", re.ASCII)
_COMMAND = re.compile(r"[\w./:@+~=-]+(?: [\w./:@+~=-]+)*", re.ASCII)
"""Words, with no letter that a shell would read in its own way."""
_TOOL_VERSION = re.compile(r"v\d+\.\d+\.\d+", re.ASCII)


class GitHubEnvironment(NamedTuple):
    """What an environment at GitHub has; its name is that of the environment."""

    secrets: tuple[str, ...] = ()
    """Names; nobody but who sets one knows its value."""
    variables: tuple[tuple[str, str], ...] = ()
    """Names and values."""
    reviewers: tuple[str, ...] = ()
    """`team/SLUG` or `user/LOGIN`: one of them has to agree before a job of the environment runs."""
    prevent_self_review: bool = False
    """Whether who started a run may not agree to it."""
    wait_minutes: int = 0
    """How long a job of the environment waits."""
    branches: tuple[str, ...] = ()
    """Patterns of branches whose jobs may use it; without these and `tags`: those of all."""
    tags: tuple[str, ...] = ()
    """Patterns of tags."""


class Pipeline(NamedTuple):
    """The repository that releases are made in, and how its workflows do that."""

    owner: str
    name: str
    domain: str = ""
    """HOST[:PORT] of GitHub Enterprise; empty for github.com."""
    release_branch: str = "main"
    runner: str = "ubuntu-24.04"
    push: str = "bazel run //release:push --"
    """What pushes the release; arguments follow."""
    test: str = "bazel test //..."
    charts: str = ""
    """What tests the charts alone; empty: there is no workflow for them."""
    chart_paths: tuple[str, ...] = ()
    """What concerns the charts: the workflow for them runs where such a path changed."""
    deploy_token: str = "DEPLOY_TOKEN"
    """The secret, in each environment, with which the deploy repository is read and written."""
    helm: tuple[tuple[str, str], ...] = ()
    """Programs that tests need, and the versions of Helm that they are, such as `helm3` and `v3.19.5`."""


def pipeline(fields: Fields) -> Pipeline:
    """Reads the object `pipeline` of a declaration.

    Raises:
        InputError: a field is missing, unknown or not legal.
    """
    provider = fields.string("provider", "github")
    if provider != "github":
        raise InputError(f"{fields.path('provider')}: expected github, found {provider!r:.100}")
    return Pipeline(
        owner=_matching(fields, "owner", _NAME, "a name at GitHub such as acme"),
        name=_matching(fields, "name", _NAME, "a repository's name such as shop"),
        domain=_matching(fields, "domain", re.compile(r"[A-Za-z0-9.-]+(:\d+)?", re.ASCII), "HOST[:PORT]", ""),
        release_branch=_release_branch(fields),
        runner=_matching(fields, "runner", _RUNNER, "a runner's label such as ubuntu-24.04", "ubuntu-24.04"),
        push=_command(fields, "push", "bazel run //release:push --"),
        test=_command(fields, "test", "bazel test //..."),
        charts=_command(fields, "charts", ""),
        chart_paths=_patterns(fields, "chart_paths"),
        deploy_token=_variable(fields.string("deploy_token", "DEPLOY_TOKEN"), fields.path("deploy_token")),
        helm=_helm(fields),
    )


def github_environment(fields: Fields) -> GitHubEnvironment:
    """Reads the object `github` of an environment.

    Raises:
        InputError: a field is unknown or not legal.
    """
    secrets = tuple(_variable(name, fields.path("secrets")) for name in fields.strings("secrets"))
    variables = fields.strings_by_name("variables")
    for name, text in variables.items():
        _variable(name, fields.path("variables"))
        if not text or len(text) > 48 * 1024:
            raise InputError(f"{fields.path('variables')}.{name}: expected a text of 1 to 48 KiB")
    if both := {*secrets} & {*variables}:
        raise InputError(f"{fields.path('secrets')}: {min(both)} is a variable, too", "declare it as one of both")
    return GitHubEnvironment(
        secrets=tuple(dict.fromkeys(secrets)),
        variables=tuple(variables.items()),
        reviewers=_reviewers(fields),
        prevent_self_review=fields.boolean("prevent_self_review", False),
        wait_minutes=_wait_minutes(fields),
        branches=_patterns(fields, "branches"),
        tags=_patterns(fields, "tags"),
    )


def _reviewers(fields: Fields) -> tuple[str, ...]:
    reviewers = fields.strings("reviewers")
    for position, reviewer in enumerate(reviewers):
        if not _REVIEWER.fullmatch(reviewer):
            place = f"{fields.path('reviewers')}[{position}]"
            raise InputError(f"{place}: expected team/SLUG or user/LOGIN, found {reviewer!r:.100}")
    if len(reviewers) > MAX_REVIEWERS:
        found = f"{len(reviewers)}; GitHub takes {MAX_REVIEWERS} at most"
        raise InputError(f"{fields.path('reviewers')}: {found}", "name a team")
    return reviewers


def _wait_minutes(fields: Fields) -> int:
    minutes = fields.integer("wait_minutes", 0)
    if not 0 <= minutes <= MAX_WAIT_MINUTES:
        raise InputError(f"{fields.path('wait_minutes')}: expected 0 to {MAX_WAIT_MINUTES}, found {minutes}")
    return minutes


def _release_branch(fields: Fields) -> str:
    text = fields.string("release_branch", "main")
    if fault := branch.fault(text):
        raise InputError(f"{fields.path('release_branch')}: the branch {text!r:.200} {fault}")
    return text


def _helm(fields: Fields) -> tuple[tuple[str, str], ...]:
    found = fields.strings_by_name("helm")
    for program, version in found.items():
        if program not in ("helm", "helm3"):
            raise InputError(f"{fields.path('helm')}: expected helm or helm3, found {program!r:.100}")
        if not _TOOL_VERSION.fullmatch(version):
            raise InputError(f"{fields.path('helm')}.{program}: expected such as v4.3.1, found {version!r:.100}")
    return tuple(found.items())


def _command(fields: Fields, key: str, default: str) -> str:
    text = fields.string(key, default)
    if text and not _COMMAND.fullmatch(text):
        raise InputError(f"{fields.path(key)}: expected words such as bazel test //..., found {text!r:.200}")
    return text


def _patterns(fields: Fields, key: str) -> tuple[str, ...]:
    patterns = fields.strings(key)
    for position, pattern in enumerate(patterns):
        if not _PATTERN.fullmatch(pattern):
            raise InputError(f"{fields.path(key)}[{position}]: expected a pattern such as v*, found {pattern!r:.100}")
    return patterns


def _variable(name: str, place: str) -> str:
    if not _VARIABLE.fullmatch(name) or name.startswith(_RESERVED):
        expected = "a name of capital letters, digits and '_' that does not begin with GITHUB_"
        raise InputError(f"{place}: expected {expected}, found {name!r:.100}")
    return name


def _matching(fields: Fields, key: str, pattern: re.Pattern[str], expected: str, default: str | None = None) -> str:
    text = fields.string(key, default)
    if text != default and not pattern.fullmatch(text):
        raise InputError(f"{fields.path(key)}: expected {expected}, found {text!r:.100}")
    return text

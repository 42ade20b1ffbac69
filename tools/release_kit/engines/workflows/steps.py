"""The steps that jobs are made of."""

import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from release_kit.documents.environments import Environment, Environments
from release_kit.documents.pipeline import Pipeline
from release_kit.engines.workflows import actions
from release_kit.engines.workflows.actions import Action
from release_kit.engines.workflows.stages import ARGOCD, REGISTRY_PASSWORD, REGISTRY_USER
from release_kit.engines.workflows.workflow_text import Step

RECORD = "release-record"
"""The artifact with the release record."""
RECORD_FILE = f'"$RUNNER_TEMP/{RECORD}.json"'
"""Where the record is in a job, as a shell reads it."""
RECORDED = ("--record", RECORD_FILE)
"""How a command is told of which release it is: of no other than this run's."""
SKIPS = "needs.build.outputs.skip-staging"
"""The output of the job build: `true` for a release that does not wait for staging."""
VERSION = "needs.build.outputs.version"
"""The output of the job build: which release it has made."""
_GITHUB_REGISTRY = "ghcr.io"
_TEMPORARY = "${{ runner.temp }}"
NOT_CANCELLED = "${{ !cancelled() }}"


def using(action: Action, **inputs: Any) -> Step:
    """Returns a step that uses an action; `_` in the name of an input stands for `-`."""
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    return {"uses": action.reference, **({"with": given} if given else {})}


def running(name: str, lines: str | Iterable[str], env: Mapping[str, str] | None = None) -> Step:
    """Returns a step that runs lines of a shell."""
    script = lines if isinstance(lines, str) else "\n".join(lines)
    return {"name": name, **({"env": dict(env)} if env else {}), "run": f"{script}\n"}


def checkout() -> Step:
    """Returns the step that gets the sources; no later step finds its token."""
    return using(actions.CHECKOUT, persist_credentials=False)


def bazel(cache: str = "") -> Step:
    """Returns the step that gets Bazel, with a cache of a name, or with none."""
    if not cache:
        return using(actions.BAZEL)
    saving = "${{ github.event_name != 'pull_request' }}"
    return using(actions.BAZEL, bazelisk_cache=True, cache_save=saving, disk_cache=cache, repository_cache=True)


def helm(pipeline: Pipeline) -> Iterator[Step]:
    """Yields the steps that put the declared programs of Helm on PATH."""
    versions = dict(pipeline.helm)
    if "helm3" in versions:
        yield using(actions.HELM, version=versions["helm3"])
        lines = (
            'mkdir -p "$RUNNER_TEMP/helm3"',
            'ln -s "$(command -v helm)" "$RUNNER_TEMP/helm3/helm3"',
            'echo "$RUNNER_TEMP/helm3" >>"$GITHUB_PATH"',
        )
        yield running("Call it helm3", lines)
    if "helm" in versions:
        yield using(actions.HELM, version=versions["helm"])


def sources(declared: Environments) -> list[Step]:
    """Returns the steps of a job that runs commands of a release: what they are made from comes from no cache."""
    return [checkout(), bazel(), *login(declared)]


def registry(declared: Environments) -> str:
    """Returns HOST[:PORT] of the registry, as it was declared."""
    return declared.chart.registry.partition("/")[0]


def packages(declared: Environments, access: str) -> dict[str, str]:
    """Returns the permission that a job needs for the registry, where that is GitHub's."""
    return {"packages": access} if registry(declared) == _GITHUB_REGISTRY else {}


def login(declared: Environments) -> Iterator[Step]:
    """Yields the step that logs in at the registry; the password is on no command line."""
    host = registry(declared)
    user, password = f"${{{{ vars.{REGISTRY_USER} }}}}", f"${{{{ secrets.{REGISTRY_PASSWORD} }}}}"
    if host == _GITHUB_REGISTRY:
        user, password = "${{ github.actor }}", "${{ github.token }}"
    line = f'docker login {host} --username "${REGISTRY_USER}" --password-stdin <<<"${REGISTRY_PASSWORD}"'
    yield running(f"Log in at {host}", line, {REGISTRY_USER: user, REGISTRY_PASSWORD: password})


def keep_record() -> Step:
    """Returns the step that hands the record to the later jobs."""
    path = f"{_TEMPORARY}/{RECORD}.json"
    given = {"name": RECORD, "path": path, "if-no-files-found": "error", "overwrite": True}
    return {"name": "Hand on the record", "uses": actions.UPLOAD.reference, "with": given}


def get_record() -> Step:
    """Returns the step that gets it."""
    return {
        "name": "Get the record",
        "uses": actions.DOWNLOAD.reference,
        "with": {"name": RECORD, "path": _TEMPORARY},
    }


def keep_reports(name: str, path: str) -> Step:
    """Returns the step that keeps what tests have written, also where they failed."""
    given = {"name": name, "path": path, "if-no-files-found": "ignore", "overwrite": True}
    return {"name": "Keep the reports", "if": NOT_CANCELLED, "uses": actions.UPLOAD.reference, "with": given}


def command(declared: Environments, name: str, *arguments: str) -> str:
    """Returns the line that runs a command of release-kit; an argument that is quoted for a shell stays as it is."""
    return " ".join((declared.command.format(command=name).strip(), *map(_quoted, arguments)))


def _quoted(argument: str) -> str:
    return argument if argument.startswith('"$') else shlex.quote(argument)


def deploying(pipeline: Pipeline) -> dict[str, str]:
    """Returns the variable with which a step reads and writes the deploy repository."""
    return {"GITHUB_TOKEN": secret(pipeline.deploy_token)}


def secret(name: str) -> str:
    """Returns the expression for a secret."""
    return f"${{{{ secrets.{name} }}}}"


def one_test_at_a_time(environment: str) -> dict[str, Any]:
    """Returns the field of a job that keeps tests of one environment from overlapping, whatever run they are in."""
    return {"concurrency": {"group": f"e2e-{environment}", "cancel-in-progress": False}}


def waiting(environment: Environment) -> dict[str, str]:
    """Returns the variables of a step that waits for Argo CD."""
    return _given(environment, lambda name: name.startswith(ARGOCD))


def testing(environment: Environment, pipeline: Pipeline) -> dict[str, str]:
    """Returns the variables of a step that tests: all that are for nothing else."""
    others = {pipeline.deploy_token, REGISTRY_USER, REGISTRY_PASSWORD}
    return _given(environment, lambda name: not name.startswith(ARGOCD) and name not in others)


def _given(environment: Environment, is_meant: Callable[[str], bool]) -> dict[str, str]:
    held = environment.github
    variables = {name: f"${{{{ vars.{name} }}}}" for name, _ in held.variables if is_meant(name)}
    return variables | {name: secret(name) for name in held.secrets if is_meant(name)}


def one_of(names: Iterable[str], subject: str) -> str:
    """Returns the expression that tells whether something is one of some names."""
    return f"contains(fromJSON('{json.dumps(list(names), separators=(',', ':'))}'), {subject})"

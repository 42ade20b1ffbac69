"""Gates that an answer over HTTP decides, be it of the host of the repository.

GitOps Promoter, docs/gating-promotions/built-in-gates/web-request-commit-status, internal/webrequest/reconcile.go,
api/v1alpha1/webrequestcommitstatus_types.go, internal/controller/webrequestcommitstatus_controller.go (v0.36.0).
docs.github.com/rest/commits/statuses, docs.gitlab.com/api/commits, docs.gitea.com/api (repoGetCombinedStatusByRef).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

from release_kit.documents.environments import Environments
from release_kit.documents.scm import ScmRepository
from release_kit.engines.gitops.yaml_text import Noted, quoted
from release_kit.errors import InputError
from release_kit.values.promotion_gate import PromotionGate, Reporter, Target, scm_context

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SHA_TEMPLATE = (
    "{{ range .PromotionStrategy.Status.Environments }}{{ if eq .Branch $.Branch }}"
    "{{ .%s.Hydrated.Sha }}{{ end }}{{ end }}"
)
_KNOWN = """\
let sha = find(PromotionStrategy.Status.Environments, {{.Branch == Branch}}).{side}.Hydrated.Sha;
let before = find(WebRequestCommitStatus.Status.Environments ?? [], {{.Branch == Branch}});
let known = before != nil && before.ReportedSha == sha ? Phase : "pending";
"""
"""What was known of this commit: GitOps Promoter asks once in an interval, but evaluates expressions more often, with
no answer, and the phase of the time before may be that of another commit."""
_HTTP = """\
Response == nil ? known == "success" : (
{expression}
)
"""
_STATUS = """\
Response == nil || Response.StatusCode != 200 ? {{phase: known}} : (
let states = map(filter({statuses}, {{.{name} == {context}}}), {{.{state}}});
{{phase: any(states, {{# in [{failed}]}}) ? "failure" : ("success" in states ? "success" : "pending")}}
)
"""


class _Host(NamedTuple):
    """Where a host has the commit statuses of a commit, only the newest of each name, and how they look."""

    api: str
    """The address of the API; `{domain}` stands for the host."""
    path: str
    """Below it; `{sha}` stands for the commit, `{context}` for the status's name."""
    statuses: str = "Response.Body.statuses"
    name: str = "context"
    state: str = "state"
    failed: tuple[str, ...] = ("failure", "error")
    headers: Mapping[str, str] = MappingProxyType({})


_GITEA = _Host("https://{domain}/api/v1", "/repos/{owner}/{name}/commits/{sha}/status?limit=50", state="status")
_HOSTS = {
    "github": _Host(
        "https://{domain}/api/v3",
        "/repos/{owner}/{name}/commits/{sha}/status?per_page=100",
        headers=MappingProxyType({"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}),
    ),
    "gitlab": _Host(
        "https://{domain}/api/v4",
        "/projects/{project_id}/repository/commits/{sha}/statuses?name={context}&per_page=100",
        "Response.Body",
        "name",
        "status",
        ("failed", "canceled"),
    ),
    "gitea": _GITEA,
    "forgejo": _GITEA,
}
_PUBLIC_API = {"github": "https://api.github.com", "gitlab": "https://gitlab.com/api/v4"}


def web_request(declared: Environments, gate: PromotionGate) -> tuple[str, dict[str, Any]]:
    """Returns an introduction, and the fields of a WebRequestCommitStatus but for its key and strategy.

    Raises:
        InputError: the host of the repository has no such statuses, or there is no such method.
    """
    is_status = gate.reporter is Reporter.SCM_STATUS
    intro, request, expression = _scm_status(declared, gate) if is_status else _http(gate)
    note = "Where nothing was asked this time, the last answer counts on, if it was about the same commit."
    spec: dict[str, Any] = {
        "reportOn": gate.target.value,
        "descriptionTemplate": _literal(gate.description or intro),
        "httpRequest": request,
        "success": {"when": {"expression": Noted(note, expression)}},
        "mode": {"polling": {"interval": gate.interval}},
    }
    return intro, spec


def _http(gate: PromotionGate) -> tuple[str, dict[str, Any], str]:
    if gate.method not in _METHODS:
        raise InputError(f"gates: {gate.key}: method: expected {' or '.join(_METHODS)}, found {gate.method!r:.40}")
    request: dict[str, Any] = {"urlTemplate": gate.url, "methodTemplate": gate.method}
    if gate.secret:
        note = "The Secret has the token in `token`, and is in the same namespace."
        request["authentication"] = {"bearer": {"secretRef": Noted(note, {"name": gate.secret})}}
    expression = (_KNOWN + _HTTP).format(side=_side(gate), expression=gate.expression.strip())
    return "Passes when an answer over HTTP fulfils an expression.", request, expression


def _scm_status(declared: Environments, gate: PromotionGate) -> tuple[str, dict[str, Any], str]:
    host, context = _host(declared.repository, gate), scm_context(gate.key)
    place = declared.repository._asdict()
    fixed = {"sha": _SHA_TEMPLATE % _side(gate), "context": quote(context, safe="")}
    api = _PUBLIC_API.get(declared.repository.provider, "") if not declared.repository.domain else ""
    address = (api or host.api.format(**place)) + host.path.format(**place, **fixed)
    note = "The credentials of the ScmProvider; only its own host gets them."
    request: dict[str, Any] = {"urlTemplate": address, "methodTemplate": "GET"}
    if host.headers:
        request["headerTemplates"] = dict(host.headers)
    request["authentication"] = Noted(note, {"scm": {}})
    expression = (_KNOWN + _STATUS).format(
        side=_side(gate),
        statuses=host.statuses,
        name=host.name,
        state=host.state,
        context=quoted(context),
        failed=", ".join(map(quoted, host.failed)),
    )
    return f"Passes when the commit has the status {context}, which CI or a person sets.", request, expression


def _host(place: ScmRepository, gate: PromotionGate) -> _Host:
    if place.provider in _HOSTS:
        return _HOSTS[place.provider]
    fault = f"gates: {gate.key}: scm-status is not known for {place.provider}, only for {', '.join(_HOSTS)}"
    raise InputError(fault, f"let its reporter be {Reporter.COMMIT_STATUS}: CI applies a CommitStatus to the cluster")


def _side(gate: PromotionGate) -> str:
    return "Active" if gate.target is Target.ACTIVE else "Proposed"


def _literal(text: str) -> str:
    """Returns a template whose result is this text."""
    return text.replace("{{", '{{ "{{" }}')

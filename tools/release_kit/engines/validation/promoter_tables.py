"""What GitOps Promoter's resources may hold, as compact tables of our own.

Sources: argoproj-labs/gitops-promoter, config/crd/bases, v0.36.0; what later releases have changed: the same files at
the commits of its pull requests 1972 (0.38) and 2014 (0.39), and the definitions in its Helm chart up to 0.43.0.
Only what a user writes is described: a status may hold anything.
"""

from functools import cache

from release_kit.documents.scm import PROVIDERS
from release_kit.engines.gitops.promoter_release import Shape
from release_kit.engines.gitops.promoter_resource import API
from release_kit.engines.validation.notation import (
    ANYTHING,
    BRANCH_RULES,
    FLAG,
    Schema,
    at_most_one,
    exactly_one,
    fields,
    named,
    resource,
    several,
    text,
    whole,
    word,
)

OWNED = ("ChangeTransferPolicy", "PullRequest", "ChangeTransferPolicyHistory")
"""Kinds that the controller makes; nobody else may."""
_OPEN = ("ControllerConfiguration", "RevertCommit", *OWNED)
"""Kinds that nobody writes for an application: what is in them is not looked at."""

_NAME = text((1, 253), r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
_REF = fields({"name!": _NAME})
_KEY = text((1, 63), r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
_KEYS = several(fields({"key!": text((1, 63), r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")}), key="key")
_BRANCH = text((1, 100), rules=BRANCH_RULES)
_BRANCHES = several(_BRANCH, (0, 100), distinct=True)
_SHA = text((40, 64), r"^([a-f0-9]{40}|[a-f0-9]{64})$")
_TEXT = text()
_SOME = text((1, 0))
_SECRET = fields({"name": text(default="")})
_URL = fields({"template": _TEXT, "options": several(_TEXT)})
_SELF_REFERENCE = "!has(self.dependsOn) || self.dependsOn.all(d, d != self.branch)"


def _strategy(shape: Shape) -> Schema:
    environment = {
        "branch!": _BRANCH,
        "autoMerge": FLAG,
        "activeCommitStatuses": _KEYS,
        "proposedCommitStatuses": _KEYS,
        "activePath": _SOME,
    }
    labels = fields({"expression!": text((1, 8192))})
    spec = {
        "gitRepositoryRef!": _REF,
        "activeCommitStatuses": _KEYS,
        "proposedCommitStatuses": _KEYS,
        "activePath": _SOME,
        "pullRequest": fields({"labels": labels}),
    }
    if shape is not Shape.REFERENCE:
        environments = several(fields(environment), (1, 1000), key="branch")
        return resource(fields({**spec, "environments!": environments}), required=True)
    one = fields({**environment, "dependsOn": _BRANCHES}, [_SELF_REFERENCE])
    order = {
        "group!": text(
            (1, 253),
            r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
            default="promoter.argoproj.io",
        ),
        "kind!": text(rules=["self.endsWith('CommitStatus')"], default="DependentsSuccessfulCommitStatus"),
        "name!": _NAME,
    }
    ordered = {"environments!": several(one, (1, 500), key="branch"), "orderCommitStatusRef!": fields(order)}
    return resource(fields({**spec, **ordered}), required=True)


def _order_gate(shape: Shape) -> Schema:
    spec = {"key!": _KEY, "promotionStrategyRef!": _REF, "url": _URL}
    if shape is Shape.KEY:
        one = fields({"branch!": _BRANCH, "dependsOn": _BRANCHES}, [_SELF_REFERENCE])
        spec["environments"] = several(one, (0, 1000), key="branch")
    return resource(fields(spec), required=True)


def _argocd() -> Schema:
    expression = fields({"key!": _TEXT, "operator!": _TEXT, "values": several(_TEXT)})
    selector = fields({"matchLabels": named(_TEXT), "matchExpressions": several(expression)})
    key = {**_KEY, "default": "argocd-health"}
    return resource(fields({"applicationSelector!": selector, "promotionStrategyRef!": _REF, "key": key, "url": _URL}))


def _timed() -> Schema:
    one = fields({"branch!": _SOME, "duration!": _TEXT})
    key = {**_KEY, "default": "timer"}
    spec = fields({"promotionStrategyRef!": _REF, "key": key, "environments!": several(one)})
    return resource(spec, required=True)


def _scheduled() -> Schema:
    zone = text((0, 64), r"^[a-zA-Z0-9_/+-]*$")
    window = {"cron!": text((9, 256)), "duration!": _TEXT, "timezone": zone, "description": text((0, 256))}
    windows = several(fields(window), (0, 20))
    one = fields({"branch!": _BRANCH, "allow": windows, "exclude": windows})
    rule = (
        "self.environments.all(e, size(e.allow) > 0 || size(e.exclude) > 0 || size(self.allow) > 0 "
        "|| size(self.exclude) > 0)"
    )
    spec = {
        "promotionStrategyRef!": _REF,
        "key!": _KEY,
        "timezone": zone,
        "allow": windows,
        "exclude": windows,
        "environments!": several(one, (1, 1000), key="branch"),
    }
    return resource(fields(spec, [rule]), required=True)


def _git() -> Schema:
    target = word("active", "proposed", default="active")
    spec = {"promotionStrategyRef!": _REF, "key!": _KEY, "expression!": _TEXT, "target": target, "description": _TEXT}
    return resource(fields(spec), required=True)


def _request() -> Schema:
    by_secret = fields({"secretRef!": _SECRET})
    login = {
        "basic": by_secret,
        "bearer": by_secret,
        "oauth2": fields({"secretRef!": _SECRET, "tokenURL!": _TEXT, "scopes": several(_TEXT)}),
        "tls": by_secret,
        "scm": {"type": "object", "properties": {}},
    }
    method = "(has(self.method) && self.method.size() > 0) != "
    request = {
        "urlTemplate!": _TEXT,
        "method": word("GET", "POST", "PUT", "PATCH", "DELETE"),
        "methodTemplate": _TEXT,
        "headerTemplates": named(_TEXT),
        "bodyTemplate": _TEXT,
        "timeout": _TEXT,
        "authentication": fields(login, [at_most_one(("basic", "bearer", "oauth2", "tls", "scm"))]),
    }
    return fields(request, [f"{method}(has(self.methodTemplate) && self.methodTemplate.size() > 0)"])


def _web_request() -> Schema:
    expression = fields({"expression!": _TEXT})
    when = fields({"expression!": _TEXT, "output": expression, "variables": expression})
    response = fields({"output!": expression})
    mode = {
        "context": word("environments", "promotionstrategy", default="environments"),
        "polling": fields({"interval": _TEXT}),
        "trigger": fields({"when!": when, "requeueDuration": _TEXT, "response": response}),
    }
    spec = {
        "promotionStrategyRef!": _REF,
        "key!": _KEY,
        "httpRequest!": _request(),
        "success!": fields({"when!": when}),
        "mode!": fields(mode, [exactly_one(("polling", "trigger"))]),
        "reportOn": word("proposed", "active", default="proposed"),
        "descriptionTemplate": _TEXT,
        "urlTemplate": _TEXT,
    }
    return resource(fields(spec), required=True)


def _commit_status() -> Schema:
    spec = {
        "gitRepositoryRef!": _REF,
        "sha!": _SHA,
        "name!": _SOME,
        "description!": _TEXT,
        "phase!": word("pending", "success", "failure", default="pending"),
        "url": text(pattern=r"^(https?://.*)?$", rules=["self == '' || isURL(self)"]),
    }
    return resource(fields(spec))


def _repository() -> Schema:
    owned = fields({"owner!": _SOME, "name!": _SOME})
    path = text((1, 0), r"^[a-zA-Z0-9_\-\/.]+$")
    cloud = {"owner!": text((1, 0), r"^[a-zA-Z0-9_-]+$"), "name!": text((1, 62), r"^[a-zA-Z0-9_.-]+$")}
    github = {"owner!": text((1, 39), r"^[a-zA-Z0-9][a-zA-Z0-9\-]*$"), "name!": text((1, 100), r"^[a-zA-Z0-9_\-\.]+$")}
    spec = {
        "github": fields(github),
        "gitlab": fields({"namespace!": path, "name!": path, "projectId!": whole(0)}),
        "forgejo": owned,
        "gitea": fields({"owner!": _SOME, "name!": _TEXT}),
        "bitbucketCloud": fields(cloud),
        "azureDevOps": fields({"project!": text((1, 64)), "name!": text((1, 64))}),
        "fake": owned,
        "scmProviderRef!": fields(
            {"kind!": word("ScmProvider", "ClusterScmProvider", default="ScmProvider"), "name!": _NAME}
        ),
    }
    return resource(fields(spec, [exactly_one(tuple(PROVIDERS))]))


def _provider() -> Schema:
    host = text((1, 253))
    organization = text((1, 50), r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$")
    github = {"appID!": whole(0), "installationID": whole(0), "domain": _other_than("github.com")}
    spec = {
        "github": fields(github),
        "gitlab": fields({"domain": _other_than("gitlab.com")}),
        "forgejo": fields({"domain!": host}),
        "gitea": fields({"domain!": _SOME}),
        "bitbucketCloud": {"type": "object", "properties": {}},
        "azureDevOps": fields({"organization!": organization, "domain": _other_than("dev.azure.com")}),
        "fake": fields({"domain": host}),
        "secretRef": _SECRET,
    }
    return resource(fields(spec, [exactly_one(tuple(PROVIDERS))]))


def _other_than(host: str) -> Schema:
    return text(rules=[f'self != "{host}"'])


def _restore() -> Schema:
    spec = {"promotionStrategyRef!": _REF, "branch!": _BRANCH, "sha!": _SHA, "blockEnvironment": FLAG}
    return resource(fields(spec))


@cache
def schemas(shape: Shape) -> dict[tuple[str, str], Schema]:
    """Returns the schema of each kind that a release of this shape has, by API version and kind."""
    kinds = {
        "PromotionStrategy": _strategy(shape),
        "ArgoCDCommitStatus": _argocd(),
        "TimedCommitStatus": _timed(),
        "ScheduledCommitStatus": _scheduled(),
        "GitCommitStatus": _git(),
        "WebRequestCommitStatus": _web_request(),
        "CommitStatus": _commit_status(),
        "GitRepository": _repository(),
        "ScmProvider": _provider(),
        "ClusterScmProvider": _provider(),
        **{kind: {"type": "object", **ANYTHING} for kind in _OPEN},
    }
    if shape is not Shape.IMPLIED:
        kinds["DependentsSuccessfulCommitStatus"] = _order_gate(shape)
    if shape is Shape.REFERENCE:
        kinds["RestoreActiveCommit"] = _restore()
    return {(API, kind): schema for kind, schema in kinds.items()}

"""What Argo CD's resources may hold, as compact tables of our own.

Sources: argoproj/argo-cd v3.5.1, manifests/crds/application-crd.yaml and appproject-crd.yaml; of an ApplicationSet the
template alone (docs/operator-manual/applicationset.yaml). A status may hold anything.
"""

from functools import cache
from typing import Any

from release_kit.engines.validation.notation import (
    ANYTHING,
    FLAG,
    Schema,
    fields,
    named,
    resource,
    several,
    text,
    whole,
)

API_VERSION = "argoproj.io/v1alpha1"
_TEXT = text()
_TEXTS = several(_TEXT)
_OPEN: Schema = {"type": "object", **ANYTHING}
_VARIABLES = several(fields({"name!": _TEXT, "value!": _TEXT, "code": FLAG}))
_PAIRS = several(fields({"name!": _TEXT, "value!": _TEXT}))
_DIRECTORY = fields(
    {
        "recurse": FLAG,
        "include": _TEXT,
        "exclude": _TEXT,
        "disableExtensionFilter": FLAG,
        "jsonnet": fields({"extVars": _VARIABLES, "tlas": _VARIABLES, "libs": _TEXTS}),
    }
)
_HELM = fields(
    {
        "releaseName": _TEXT,
        "namespace": _TEXT,
        "version": _TEXT,
        "valueFiles": _TEXTS,
        "values": _TEXT,
        "valuesObject": _OPEN,
        "parameters": several(fields({"name": _TEXT, "value": _TEXT, "forceString": FLAG})),
        "fileParameters": several(fields({"name": _TEXT, "path": _TEXT})),
        "ignoreMissingValueFiles": FLAG,
        "passCredentials": FLAG,
        "skipCrds": FLAG,
        "skipTests": FLAG,
        "skipSchemaValidation": FLAG,
        "kubeVersion": _TEXT,
        "apiVersions": _TEXTS,
    }
)
_TARGET_NAMES = ("annotationSelector", "group", "kind", "labelSelector", "name", "namespace", "version")
_PATCH = fields(
    {
        "patch": _TEXT,
        "path": _TEXT,
        "options": named(FLAG),
        "target": fields(dict.fromkeys(_TARGET_NAMES, _TEXT)),
    }
)
_COUNT: Schema = {"x-kubernetes-int-or-string": True}
_KUSTOMIZE_FLAGS = (
    "commonAnnotationsEnvsubst",
    "forceCommonAnnotations",
    "forceCommonLabels",
    "ignoreMissingComponents",
    "labelIncludeTemplates",
    "labelWithoutSelector",
)
_KUSTOMIZE = fields(
    {
        **dict.fromkeys(("namePrefix", "nameSuffix", "namespace", "version", "kubeVersion"), _TEXT),
        **dict.fromkeys(("images", "components", "apiVersions"), _TEXTS),
        **dict.fromkeys(("commonLabels", "commonAnnotations"), named(_TEXT)),
        **dict.fromkeys(_KUSTOMIZE_FLAGS, FLAG),
        "patches": several(_PATCH),
        "replicas": several(fields({"name!": _TEXT, "count!": _COUNT})),
    }
)
_PARAMETER = fields({"name": _TEXT, "string": _TEXT, "array": _TEXTS, "map": named(_TEXT)})
_PLUGIN = fields({"name": _TEXT, "env": _PAIRS, "parameters": several(_PARAMETER)})
_TOOLS = {"directory": _DIRECTORY, "helm": _HELM, "kustomize": _KUSTOMIZE, "plugin": _PLUGIN}
_SOURCE = fields(
    {
        "repoURL!": _TEXT,
        **dict.fromkeys(("path", "chart", "targetRevision", "ref", "name", "tagPrefix"), _TEXT),
        **_TOOLS,
    }
)


def _hydrator() -> Schema:
    dry = {"repoURL!": _TEXT, "path!": _TEXT, "targetRevision!": _TEXT, **_TOOLS}
    sync = {"repoURL": _TEXT, "path!": text((1, 0), r"^.{2,}|[^./]$"), "targetBranch!": _TEXT}
    hydrated = fields({"targetBranch!": _TEXT})
    return fields({"drySource!": fields(dry), "syncSource!": fields(sync), "hydrateTo": hydrated})


def _sync_policy() -> Schema:
    retry = {
        "limit": whole(),
        "refresh": FLAG,
        "backoff": fields({"duration": _TEXT, "factor": whole(), "maxDuration": _TEXT}),
    }
    return fields(
        {
            "automated": fields(dict.fromkeys(("enabled", "prune", "selfHeal", "allowEmpty"), FLAG)),
            "syncOptions": _TEXTS,
            "retry": fields(retry),
            "managedNamespaceMetadata": fields({"labels": named(_TEXT), "annotations": named(_TEXT)}),
        }
    )


def _application_spec() -> Schema:
    ignored = {
        **dict.fromkeys(("group", "kind!", "name", "namespace"), _TEXT),
        **dict.fromkeys(("jsonPointers", "jqPathExpressions", "managedFieldsManagers"), _TEXTS),
    }
    return fields(
        {
            "project!": _TEXT,
            "destination!": fields(dict.fromkeys(("server", "name", "namespace"), _TEXT)),
            "source": _SOURCE,
            "sources": several(_SOURCE),
            "sourceHydrator": _hydrator(),
            "syncPolicy": _sync_policy(),
            "ignoreDifferences": several(fields(ignored)),
            "info": _PAIRS,
            "revisionHistoryLimit": whole(),
        }
    )


def _project() -> Schema:
    resources = several(fields({"group!": _TEXT, "kind!": _TEXT}))
    cluster_resources = several(fields({"group!": _TEXT, "kind!": _TEXT, "name": _TEXT}))
    ignored = several(fields(dict.fromkeys(("group", "kind", "name"), _TEXT)))
    tokens = several(fields({"iat!": whole(), "exp": whole(), "id": _TEXT}))
    role = {"name!": _TEXT, "description": _TEXT, "groups": _TEXTS, "policies": _TEXTS, "jwtTokens": tokens}
    window = {
        **dict.fromkeys(("kind", "schedule", "duration", "timeZone", "description"), _TEXT),
        **dict.fromkeys(("applications", "clusters", "namespaces"), _TEXTS),
        **dict.fromkeys(("andOperator", "manualSync", "syncOverrun"), FLAG),
    }
    account = {"server!": _TEXT, "namespace": _TEXT, "defaultServiceAccount!": _TEXT}
    return fields(
        {
            "description": text((0, 255)),
            "sourceRepos": _TEXTS,
            "sourceNamespaces": _TEXTS,
            "destinations": several(fields(dict.fromkeys(("server", "name", "namespace"), _TEXT))),
            "destinationServiceAccounts": several(fields(account)),
            **dict.fromkeys(("clusterResourceWhitelist", "clusterResourceBlacklist"), cluster_resources),
            **dict.fromkeys(("namespaceResourceWhitelist", "namespaceResourceBlacklist"), resources),
            "orphanedResources": fields({"warn": FLAG, "ignore": ignored}),
            "permitOnlyProjectScopedClusters": FLAG,
            "roles": several(fields(role)),
            "signatureKeys": several(fields({"keyID!": _TEXT})),
            "sourceIntegrity": _OPEN,
            "syncWindows": several(fields(window)),
        }
    )


def _set() -> Schema:
    metadata = {
        **dict.fromkeys(("name", "namespace"), _TEXT),
        **dict.fromkeys(("labels", "annotations"), named(_TEXT)),
        "finalizers": _TEXTS,
    }
    template = fields({"metadata!": fields(metadata), "spec!": _application_spec()})
    spec: dict[str, Any] = fields({"generators!": several(_OPEN), "template!": template})
    return spec | ANYTHING


@cache
def schemas() -> dict[tuple[str, str], Schema]:
    """Returns the schema of each kind, by API version and kind."""
    application = resource(_application_spec(), required=True)
    application["properties"]["operation"] = _OPEN
    return {
        (API_VERSION, "Application"): application,
        (API_VERSION, "AppProject"): resource(_project(), required=True),
        (API_VERSION, "ApplicationSet"): resource(_set(), required=True),
    }

"""The own tables agree with the definitions that GitOps Promoter 0.36.0 and Argo CD 3.5.1 publish.

The definitions are no part of the project: without them these tests are skipped (tests/support/validation.py).
"""

import copy
import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from release_kit.cli import definitions
from release_kit.engines.validation import cel
from release_kit.engines.validation.structure import Custom, StructureCheck
from release_kit.engines.validation.tree import parse
from release_kit.values.release_number import ReleaseNumber
from tests.support.validation import PUBLISHED, Documents, documents, kubernetes, made, published

SEED = 20261123
ROUNDS = 60
"""Of each document: as many edits, one to three at a time."""
FOLDERS = ("promoter-crds-0.36.0", "argocd-crds-3.5.1")
ODD: list[Any] = [None, "", "x", "A b", "a" * 300, "-x", "a:b", "https://x.example", 0, -1, 7, 1.5, True, [], {}, ["x"]]
EMPTY = ("spec.bitbucketCloud.", "spec.httpRequest.authentication.scm.", "spec.sourceIntegrity.")
"""Objects without fields: the tables refuse any, published definitions are read as if they left them open."""


@cache
def custom() -> Custom:
    found = [folder for name in FOLDERS if (folder := published(name))]
    if len(found) < len(FOLDERS):
        pytest.skip(f"no published definitions: name their folder in {PUBLISHED}")
    return definitions.schemas(definitions.texts(found))


def samples() -> Documents:
    """Returns documents that use every field, and samples of each provider and kind."""
    found = documents()
    reference = {"promotionStrategyRef": {"name": "shop"}}
    found["strategy"]["spec"] |= {"activePath": "apps", "pullRequest": {"labels": {"expression": "['x']"}}}
    found["e2e-trigger"] = copy.deepcopy(found["e2e"])
    found["e2e-trigger"]["spec"] |= {
        "mode": {
            "trigger": {"when": {"expression": "true", "output": {"expression": "{}"}}},
            "context": "environments",
        },
        "descriptionTemplate": "x",
    }
    found["e2e-trigger"]["spec"]["httpRequest"] |= {
        "authentication": {"oauth2": {"secretRef": {"name": "x"}, "tokenURL": "https://x", "scopes": ["a"]}},
        "headerTemplates": {"X": "y"},
        "timeout": "10s",
    }
    status = {"gitRepositoryRef": {"name": "a"}, "sha": "b" * 64, "name": "n", "description": "", "url": "http://x/y"}
    found["status"] = made("CommitStatus", "s", {**status, "phase": "pending"})
    found["health-url"] = made(
        "ArgoCDCommitStatus",
        "h",
        {
            **reference,
            "applicationSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]},
            "url": {"template": "https://x", "options": ["missingkey=zero"]},
        },
    )
    for kind, repository, host in PROVIDERS:
        ref = {"kind": "ClusterScmProvider", "name": "a.b"}
        found[f"repository-{kind}"] = made("GitRepository", "r", {kind: repository, "scmProviderRef": ref})
        found[f"provider-{kind}"] = made("ClusterScmProvider", "p", {kind: host, "secretRef": {"name": "s"}})
    found |= {"full": application(), "project": project()}
    return {key: each for key, each in found.items() if each["kind"] != "Secret"}


PROVIDERS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("github", {"owner": "a", "name": "b"}, {"appID": 1, "installationID": 2, "domain": "git.x.example"}),
    ("gitlab", {"namespace": "a/b", "name": "c", "projectId": 3}, {"domain": "git.x.example"}),
    ("forgejo", {"owner": "a", "name": "b"}, {"domain": "git.x.example"}),
    ("gitea", {"owner": "a", "name": "b"}, {"domain": "git.x.example"}),
    ("bitbucketCloud", {"owner": "a", "name": "b"}, {}),
    ("azureDevOps", {"project": "a", "name": "b"}, {"organization": "o"}),
    ("fake", {"owner": "a", "name": "b"}, {"domain": "localhost"}),
)


def application() -> dict[str, Any]:
    """Returns an Application with most of its fields."""
    helm: dict[str, Any] = {
        "releaseName": "x",
        "valueFiles": ["a.yaml"],
        "parameters": [{"name": "a", "value": "b"}],
        "skipCrds": True,
    }
    kustomize = {
        "images": ["a=b"],
        "patches": [{"patch": "x", "target": {"kind": "Y"}}],
        "replicas": [{"name": "a", "count": 1}],
    }
    source = {
        "repoURL": "https://x/y",
        "chart": "c",
        "targetRevision": "1.2.3",
        "helm": {**helm, "valuesObject": {"a": 1}},
    }
    hydrator = {
        "drySource": {"repoURL": "https://x/y", "path": "p", "targetRevision": "main", "kustomize": kustomize},
        "syncSource": {"targetBranch": "environment/demo", "path": "p"},
        "hydrateTo": {"targetBranch": "environment/demo-next"},
    }
    spec = {
        "project": "default",
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "a"},
        "source": source,
        "sources": [{**source, "directory": {"recurse": True, "jsonnet": {"tlas": [{"name": "a", "value": "b"}]}}}],
        "sourceHydrator": hydrator,
        "syncPolicy": {
            "automated": {"prune": True, "selfHeal": True},
            "syncOptions": ["CreateNamespace=true"],
            "retry": {"limit": 5, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
            "managedNamespaceMetadata": {"labels": {"a": "b"}},
        },
        "ignoreDifferences": [{"kind": "Deployment", "jsonPointers": ["/spec"]}],
        "info": [{"name": "a", "value": "b"}],
        "revisionHistoryLimit": 3,
    }
    return made("Application", "full", spec)


def project() -> dict[str, Any]:
    """Returns a project with most of its fields."""
    spec = {
        "sourceRepos": ["*"],
        "destinations": [{"server": "*", "namespace": "*"}],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
        "namespaceResourceBlacklist": [{"group": "", "kind": "Secret"}],
        "roles": [{"name": "ci", "policies": ["p"], "groups": ["g"], "jwtTokens": [{"iat": 1}]}],
        "syncWindows": [{"kind": "allow", "schedule": "0 9 * * *", "duration": "1h", "applications": ["*"]}],
        "orphanedResources": {"warn": True, "ignore": [{"kind": "ConfigMap"}]},
        "signatureKeys": [{"keyID": "0123"}],
    }
    return made("AppProject", "project", spec)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yields the paths of all values below spec."""
    if path:
        yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in entries:
        yield from places(child, (*path, key))


def edit(document: dict[str, Any], chance: random.Random) -> None:
    """Changes one thing in the spec."""
    path = chance.choice([(), *places(document["spec"])])
    holder: Any = document["spec"]
    for step in path[:-1]:
        holder = holder[step]
    target = holder[path[-1]] if path else holder
    what = chance.randrange(4)
    if what == 0 and path:
        del holder[path[-1]]
    elif what == 1 and isinstance(target, dict):
        target[chance.choice(["unknown", "name", "key", "domain", "github", "branch", "polling"])] = copy.deepcopy(
            chance.choice(ODD)
        )
    elif what == 2 and isinstance(target, list) and target:
        target.append(copy.deepcopy(chance.choice(target)))
    elif path:
        holder[path[-1]] = copy.deepcopy(chance.choice(ODD))


def verdict(document: dict[str, Any], published: Custom) -> set[tuple[str, str]]:
    """Returns which paths are at fault, and whether for their form or a rule."""
    tree = parse({"x.yaml": json.dumps(document)}).tree
    found = StructureCheck(kubernetes(), ReleaseNumber(0, 36, 0), published).check(tree).findings
    return {(each.path, each.rule) for each in found}


@pytest.mark.parametrize("name", sorted(samples()))
def test_a_sample_is_accepted_by_the_tables_and_by_the_published_definitions(name: str) -> None:
    document = samples()[name]
    assert verdict(document, {}) == set()
    assert verdict(document, custom()) == set()


def test_edited_samples_are_judged_alike() -> None:
    chance = random.Random(SEED)
    ours = StructureCheck(kubernetes(), ReleaseNumber(0, 36, 0), {})
    theirs = StructureCheck(kubernetes(), ReleaseNumber(0, 36, 0), custom())
    texts = {}
    for name, sample in samples().items():
        for number in range(ROUNDS):
            document = copy.deepcopy(sample)
            for _ in range(chance.randint(1, 3)):
                edit(document, chance)
            texts[f"{name}-{number}.yaml"] = json.dumps(document)
    tree = parse(texts).tree
    found = [{(each.file, each.path) for each in check.check(tree).findings} for check in (ours, theirs)]
    differing = sorted(place for place in found[0] ^ found[1] if not place[1].startswith(EMPTY))
    assert not differing, [(place, texts[place[0]]) for place in differing[:3]]
    assert len({file for file, _ in found[0]}) > len(texts) / 3, "too few edits broke anything"


def test_every_rule_of_the_published_definitions_can_be_judged() -> None:
    unknown = [text for schema in custom().values() for text in cel.unknown(schema)]
    # Of a pull request, which only the controller makes: a transition of its state.
    assert [text for text in unknown if "self.spec.state" not in text] == []


def test_rules_that_are_not_known_are_told() -> None:
    rule = {"rule": "self.a.size() > 3", "message": "no"}
    schema = {"properties": {"spec": {"type": "object", "x-kubernetes-validations": [rule]}}}
    assert list(cel.unknown(schema)) == ["spec: self.a.size() > 3"]

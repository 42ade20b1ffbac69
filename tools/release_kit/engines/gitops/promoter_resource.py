"""What all resources of GitOps Promoter have in common."""

import re
from collections.abc import Mapping
from typing import Any

from release_kit.documents.environments import Environment, Environments

API = "promoter.argoproj.io/v1alpha1"
_MAX_NAME = 253
_FNV_OFFSET, _FNV_PRIME = 0x811C9DC5, 0x01000193


def resource(declared: Environments, kind: str, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Returns one resource in the namespace of the strategy."""
    return {"apiVersion": API, "kind": kind, "metadata": metadata(declared, name), "spec": spec}


def metadata(declared: Environments, name: str) -> dict[str, Any]:
    """Returns the metadata of anything in the namespace of the strategy."""
    labels = {"app.kubernetes.io/part-of": declared.name}
    return {"name": name, "namespace": declared.promoter.namespace, "labels": labels}


def policy_name(declared: Environments, environment: Environment) -> str:
    """Returns the name of the ChangeTransferPolicy that the controller makes for an environment."""
    return unique_name(f"{declared.name}-{environment.branch}")


def unique_name(text: str) -> str:
    """Returns a name as GitOps Promoter makes it (internal/utils/utils.go, KubeSafeUniqueName, v0.36.0).

    What is no letter or digit becomes `-`; the hash (FNV-1a, 32 bits) of the result follows.
    """
    safe = re.sub("[^a-zA-Z0-9]+", "-", text).lower()
    number = _FNV_OFFSET
    for byte in safe.encode():
        number = (number ^ byte) * _FNV_PRIME & 0xFFFFFFFF
    stem = safe.strip("-")[: _MAX_NAME - len(f"{number:x}") - 1].rstrip("-")
    return f"{stem or 'x'}-{number:x}"

"""The files that a rendered chart is kept in: one for each object, under a name that follows the object.

So a difference between two releases is that of their objects, whatever template of the chart makes them.
"""

import re
from collections import Counter
from collections.abc import Mapping

from release_kit.engines.gates.objects import KubeObject, objects
from release_kit.errors import InputError
from release_kit.values import digest as digests
from release_kit.values.yaml_source import YamlError

MAX_NAME = 200
"""Characters of a file's name; file systems take 255 bytes."""
_LEGAL = re.compile(r"[^a-z0-9.-]")
_SOURCE = re.compile(r"^# Source: .*\n", re.MULTILINE)

_SECRET = re.compile(r"(?:[a-z0-9-]+\.)?secret-")
_LIST = re.compile(r"(?:[a-z0-9-]+\.)?(?:secret)?list-")
_KIND_SECRET = re.compile(rb"\bkind[\"']?\s*:\s*[\"']?Secret(?:List)?\b")


def split(text: str, namespace: str) -> dict[str, bytes]:
    """Returns the files for what `helm template` wrote.

    Tests of the chart are left out, as no release has them among its objects; other hooks stay, which Argo CD runs
    by their annotations. Comments that say which template made an object are left out.

    Args:
        text: what helm wrote.
        namespace: of the environment; objects of others have it in their file's name.

    Raises:
        InputError: it is no YAML.
    """
    files: dict[str, bytes] = {}
    counts: Counter[str] = Counter()
    for each in _objects(text):
        name = file_name(each, namespace)
        counts[name] += 1
        # Two objects of one name are the chart's fault, or of API groups that share a kind: none of them gets lost.
        # No name has `_`, so this is not that of a third one.
        number = f"_{counts[name]}" if counts[name] > 1 else ""
        files[f"{name}{number}.yaml"] = _SOURCE.sub("", each.part.text).strip("\n").encode() + b"\n"
    return files


def file_name(each: KubeObject, namespace: str) -> str:
    """Returns the name of an object's file, without its ending: such as `deployment-core`.

    Kinds that others than Kubernetes define have their API group in it, objects of another namespace that.
    """
    group = each.api_version.rpartition("/")[0]
    own = each.metadata.get("namespace")
    parts = [
        f"{own}." if isinstance(own, str) and own not in ("", namespace) else "",
        each.kind or "object",
        f".{group}" if "." in group and not group.endswith(".k8s.io") else "",
        "-",
        each.name.partition(" ")[2] if each.metadata.get("name") or each.metadata.get("generateName") else "unnamed",
    ]
    plain = "".join(parts).lower()
    legal = _LEGAL.sub("-", plain)
    if legal == plain and len(plain) <= MAX_NAME:
        return plain
    # Names such as `system:reader` would be two files' otherwise.
    return f"{legal[:MAX_NAME]}-{digests.of_bytes(plain.encode()).partition(':')[2][:8]}"


def secrets(files: Mapping[str, bytes]) -> list[str]:
    """Returns the files of a rendering that hold a Secret, whose content anybody can read in git."""
    return sorted(name for name, content in files.items() if _SECRET.match(name) or _is_list_with_secret(name, content))


def _is_list_with_secret(name: str, content: bytes) -> bool:
    return bool(_LIST.match(name) and _KIND_SECRET.search(content))


def _objects(text: str) -> list[KubeObject]:
    try:
        return [each for each in objects(text) if each.value and not each.is_test]
    except YamlError as error:
        raise InputError(
            f"the chart renders no YAML: {error.message}", "`release-kit chart gate` says where"
        ) from error

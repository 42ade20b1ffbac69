"""What can be told of a declaration of environments without reading files; pure functions."""

load("//bazel/private/lib:promotion_gates.bzl", "gate_key")

visibility(["//bazel/private/gitops", "//tests/starlark"])

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"

# Keys of gates that somebody else reports: GitOps Promoter the order of environments, release-kit a rollback.
_RESERVED_KEYS = ["promoter-previous-environment", "promotion-order", "rolled-back"]

# Who may report what CI or a person decides; the first is the default.
_REPORTERS = ["scm-status", "commit-status"]

def _is_name(text):
    letters = text.replace("-", "").elems()
    return text.strip("-") == text and 0 < len(text) and len(text) < 64 and all([each in _LETTERS for each in letters])

def _name_fault(environments):
    names = []
    for each in environments:
        name = each["name"]
        if not _is_name(name):
            return "environments: expected a name of lowercase letters, digits and '-', found {}".format(repr(name))
        if name in names:
            return "environments: two are called {}; give each a name of its own".format(name)
        names.append(name)
    return None if names else "environments: expected at least one; declare where the release set runs"

def _gate_fault(gates, common, place):
    keys = {gate_key(gate): "gates, for every environment" for gate in common}
    for gate in gates:
        key = gate_key(gate)
        if key in _RESERVED_KEYS:
            return "{}: the key {} is reserved; give the gate another one".format(place, key)
        if key in keys:
            return "{}: the gate {} is declared in {}, too; declare it once".format(place, key, keys[key])
        if gate.get("reporter", _REPORTERS[0]) not in _REPORTERS:
            return "{}: {}: reporter: expected {}, found {}".format(
                place,
                key,
                " or ".join(_REPORTERS),
                repr(gate["reporter"]),
            )
        keys[key] = place
    return None

def declaration_fault(environments, gates):
    """Returns what is wrong with a declaration; None where nothing can be seen to be.

    Args:
      environments: list: what environment() returned
      gates: list: those for every environment
    """
    faults = [_name_fault(environments), _gate_fault(gates, [], "gates")]
    faults += [_gate_fault(each["gates"], gates, "environment {}: gates".format(each["name"])) for each in environments]
    return ([fault for fault in faults if fault] + [None])[0]

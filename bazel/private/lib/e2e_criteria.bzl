"""What can be told of an end-to-end suite without reading its files; pure functions."""

visibility(["//bazel/private/e2e", "//tests/starlark"])

def is_scenario(path):
    """Tells whether a source has scenarios; the others go along, such as conftest.py.

    Args:
      path: string
    """
    name = path.split("/")[-1]
    return name.startswith("test_") and name.endswith(".py")

def required_scenarios(required):
    """Returns what is required, as the document has it.

    Args:
      required: dict: scenarios with their budgets, empty for none
    """
    return [{"scenario": name} | ({"budget": budget} if budget else {}) for name, budget in required.items()]

def suite_fault(scenarios, required, health):
    """Finds what is wrong with a suite; None where nothing can be seen to be.

    Args:
      scenarios: list[string]: the scenario files
      required: list[string]: scenarios
      health: list[dict]: the addresses for health

    Returns:
      string: what is wrong, and where
    """
    if not scenarios:
        return "srcs: expected a file test_*.py, found none"
    if not health:
        return "health: expected an address that says the deployed version, found none"
    for each in health:
        if not each.get("path", "").startswith("/"):
            return "health: expected a path such as /health, found {}".format(repr(each.get("path")))
    for name in required:
        file, colons, scenario = name.partition("::")
        if not colons or not scenario:
            return "required: expected such as test_login.py::test_login, found {}".format(repr(name))
        if file not in scenarios:
            return "required: {} is in none of the scenario files: {}".format(name, ", ".join(scenarios))
    return None

"""End-to-end tests of what is deployed: a gate between environments.

```starlark
load("@rules_release//bazel:e2e.bzl", "e2e_suite")

e2e_suite(
    name = "e2e",
    srcs = glob(["*.py"]),
    credentials = ["SHOP_E2E_PASSWORD"],
    environments = "//gitops:environments",
    health = [{"path": "/health", "service": "web"}],
    required = {"test_login.py::test_login": "5s"},
)
```

```console
$ bazel run //release:e2e -- --url https://shop.demo.acme.example --version 1.2.3
$ bazel run //release:e2e -- --environment demo-staging --report
```

[End-to-end tests](../e2e.md) says how scenarios are written, and what counts as a failure.
"""

load("//bazel/private:release_command.bzl", "release_command")
load("//bazel/private/e2e:suite_document.bzl", "suite_document")
load("//bazel/private/gitops:kit_test.bzl", "kit_test")
load("//bazel/private/lib:attributes.bzl", "common_attributes")

_KIT = "release_kit_e2e"

def e2e_suite(
        name,
        srcs,
        health,
        credentials = [],
        variables = [],
        required = [],
        allowed_skips = 0,
        budget = "",
        deadline = "10m",
        consecutive = 3,
        environments = None,
        set_name = "",
        deps = [],
        **kwargs):
    """Declares scenarios that a deployment has to pass.

    | target | what it is |
    | --- | --- |
    | `name` | `bazel run` tests a deployment: `-- --url URL --version VERSION`, or `-- --environment NAME` |
    | `name.suite` | the suite as a [document](../documents.md#end-to-end-suite-rules_releasee2e-suitev1) |
    | `name.collect` | test: every required scenario is there, and every file can be read; it asks no deployment |

    Args:
      name: string: the target's
      srcs: list[label]: `test_*.py` are scenarios for pytest; the others go along, such as conftest.py. Each is known by
        its path in its package
      health: list[dict[string, string]]: addresses that say which version is deployed, one at least: `path`; `version`, the
        way to it in the JSON that is answered, by default `version`; and `service`, what the field `service` has to be
      credentials: list[string]: names of environment variables that scenarios read and nobody may see
      variables: list[string]: names of environment variables that scenarios read and anybody may see
      required: dict[string, string] | list[string]: scenarios such as `test_login.py::test_login` that have to pass, with
        their budgets such as `2s`; an empty one, as in a list, is any time
      allowed_skips: int: how many of the others may be skipped, 0 to 10000
      budget: string: how long all scenarios may take together, such as `60s`; empty for any time
      deadline: string: after how long waiting for the version and running are over, such as `90s` or `10m`
      consecutive: int: how many answers in a row each address has to give of the expected version, 1 to 100
      environments: label: an [environments](gitops.md#environments) target, for `--environment`
      set_name: string: what the suite is called; its name by default
      deps: list[label]: Python libraries that scenarios import
      **kwargs: attributes common to all rules, such as `tags` and `visibility`, and to all tests, such as `size`
    """
    common = common_attributes(kwargs)
    suite = name + ".suite"
    suite_document(
        name = suite,
        srcs = srcs,
        allowed_skips = allowed_skips,
        budget = budget,
        consecutive = consecutive,
        credentials = credentials,
        deadline = deadline,
        health = json.encode(health),
        required = required if type(required) == "dict" else {each: "" for each in required},
        set_name = set_name or name,
        variables = variables,
        **common
    )
    release_command(
        name = name,
        command = "e2e",
        documents = [suite],
        kit = _KIT,
        options = {environments: "--environments"} if environments else {},
        deps = deps,
        **common
    )
    kit_test(
        name = name + ".collect",
        args = ["e2e", "$(rootpath {})".format(suite), "--collect-only"],
        data = [suite],
        kit = _KIT,
        deps = deps,
        **kwargs
    )

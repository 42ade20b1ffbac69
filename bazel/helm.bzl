"""Helm charts, rendered and held to their gates in `bazel test`.

```starlark
load("@rules_release//bazel:helm.bzl", "helm_chart")

helm_chart(
    name = "chart",
    images = {"//docker/images:core": "images.core"},
    values = ["values.yaml", "values-prod.yaml"],
)
```

Which helm renders them is declared in MODULE.bazel, with the module extension [helm](extensions.md#helm).
"""

load("//bazel/private/helm:chart_folder.bzl", "chart_folder")
load("//bazel/private/helm:chart_package.bzl", "chart_package")
load("//bazel/private/helm:chart_tests.bzl", "GATES", "chart_tests")
load("//bazel/private/helm:toolchain.bzl", _helm_toolchain = "helm_toolchain")
load("//bazel/private/lib:attributes.bzl", "common_attributes")
load("//bazel/private/lib:chart_places.bzl", "chart_places")

helm_toolchain = _helm_toolchain

# What each gate needs, besides the chart, to look at anything.
_NEEDS = {
    "golden": ["golden"],
    "image-policy": ["first_party", "images"],
    "image-set": ["images"],
}

# Fields of the document that attributes of their own stand for.
_ATTRIBUTES = ["crds", "golden", "schema", "values"]

def _lines(by_label):
    return {label: text if type(text) == "string" else "\n".join(text) for label, text in by_label.items()}

def _images(images):
    """Returns the images of the release, as the document names them: by their places in the values."""
    places = [place for text in _lines(images).values() for place in text.split("\n")]
    return {"images": [{"values": place} for place in places]} if places else {}

def _document(name, config, crds, golden, api_versions):
    """Returns what all documents of the chart's gates have in common, as attributes of chart_gates."""
    for key in config:
        if key in _ATTRIBUTES:
            fail("{}: config: {} is not to be given here: it follows from the attributes of helm_chart".format(name, key))
    return {
        "api_versions": _lines(api_versions),
        "config": json.encode(config),
        "crds": crds,
        "golden": golden,
        "golden_files": native.glob([golden + "/*.yaml"], allow_empty = True) if golden else [],
    }

def _gates(name, gates, has):
    """Returns the gates to test: the chosen ones, or all that have what they need."""
    for gate in gates or []:
        if gate not in GATES:
            fail("{}: gates: expected some of {}; found {}".format(name, ", ".join(GATES), repr(gate)))
    if gates != None:
        return gates
    return [gate for gate in GATES if gate not in _NEEDS or [need for need in _NEEDS[gate] if has.get(need)]]

def helm_chart(
        name,
        srcs = None,
        chart_name = "",
        deps = [],
        images = {},
        values = [],
        api_versions = {},
        crds = [],
        golden = "golden",
        config = {},
        gates = None,
        helm = ["4"],
        **kwargs):
    """Declares a chart, its package, and a test for each of its gates.

    | target | what it is |
    | --- | --- |
    | `name` | the chart's directory, for [push_targets](push_targets.md#push_targets) and for the `deps` of other charts |
    | `name.tgz` | the chart packed, with its images' digests; with `--stamp` at the stamp's version |
    | `name.gates` | the [document of its gates](../gates.md#gatesjson-rules_releasechart-gatesv1) |
    | `name.render.<values>` | a rendering; `<values>` is a values file's name without `.yaml` |
    | `name.<values>.<gate>` | test of a rendering: lint, render, golden, determinism, schema, image-policy |
    | `name.<gate>` | test of the chart: image-set, chart-rules, values, package |
    | `name.tests` | all these tests |
    | `name.update` | `bazel run` writes the goldens anew |

    A gate that lacks what it needs has no test: golden without a folder, image-policy without `first_party` or `images`
    in config, image-set without `images`. With several major versions of Helm, the targets that depend on it have the
    version in their names for all but the first: `name.helm3.<values>.<gate>`. Tests are tagged with their gate and Helm, so
    that `--test_tag_filters=gate-schema` or `-helm3` selects some.

    Nothing here reads the stamp in a build without `--stamp`: a new commit or version re-runs no action and no test. A
    changed values file re-runs its own rendering and tests, and those tests of the chart that read it.

    Args:
      name: string: the target's
      srcs: list[label]: the chart's files, by default all of the package but BUILD files and goldens. The folder of the
        outermost Chart.yaml is the chart's
      chart_name: string: the name in Chart.yaml; that of the chart's folder by default
      deps: list[label]: what gets into charts/: other helm_chart targets, and packed charts (.tgz)
      images: dict[label, string | list[string]]: images of the release, and where the values name each, such as
        `images.core` or `workers[1].image`
      values: list[label]: the values files to render with, each alone; the chart's own by default, which is values.yaml
        also in a list. A rendering does not see the others with `.Files`
      api_versions: dict[label, list[string]]: what `.Capabilities.APIVersions` has besides with a values file
      crds: list[label]: files with CustomResourceDefinitions that the chart uses and does not bring
      golden: string: the folder of the goldens, in this package; empty for none
      config: dict: the other fields of the [document of the gates](../gates.md#gatesjson-rules_releasechart-gatesv1), such as
        `{"release": "shop", "first_party": ["ghcr.io/acme/"], "images": [{"repository": "ghcr.io/acme/core"}]}`
      gates: list[string]: the gates to test, of those in the table; by default all that have what they need
      helm: list[string]: the major versions of Helm to render with: `"3"`, `"4"`, or both
      **kwargs: attributes common to all rules, such as `tags` and `visibility`, and to all tests, such as `size`
    """
    common = common_attributes(kwargs)
    config = _images(images) | config
    if srcs == None:
        srcs = native.glob(["**"], exclude = ["BUILD", "BUILD.bazel"] + ([golden + "/**"] if golden else []))
    chart_folder(
        name = name,
        srcs = srcs,
        chart_name = chart_name,
        images = _lines(images),
        values = values,
        deps = deps,
        **common
    )
    chart_package(name = name + ".tgz", chart = name, **common)
    chart_tests(
        name = name,
        document = _document(name, config, crds, golden, api_versions),
        gates = _gates(name, gates, config | {"golden": golden}),
        helm = helm,
        root = (chart_places.root(srcs) or "") if type(srcs) == "list" else "",
        values = values,
        **kwargs
    )

"""The renderings of a chart and the tests of its gates."""

load("//bazel/private/helm:chart_gates.bzl", "chart_gates")
load("//bazel/private/helm:chart_sources.bzl", "chart_sources")
load("//bazel/private/helm:gate_test.bzl", "gate_test", "golden_update")
load("//bazel/private/helm:rendering.bzl", "chart_rendering_3", "chart_rendering_4")
load("//bazel/private/lib:attributes.bzl", "common_attributes")
load("//bazel/private/lib:chart_places.bzl", "chart_places")

visibility(["//bazel"])

OF_VALUES_FILE = ["lint", "render", "golden", "determinism", "schema", "image-policy"]
OF_ALL_RENDERINGS = ["image-set"]
OF_CHART = ["chart-rules", "values", "package"]
GATES = OF_VALUES_FILE + OF_ALL_RENDERINGS + OF_CHART

_RENDERINGS = {"3": chart_rendering_3, "4": chart_rendering_4}

def _stems(name, root, values):
    """Returns the values file of each stem; None stands for the chart's own values."""
    stems = {} if values else {"values": None}
    for label in values:
        stem = chart_places.stem(label, root)
        if stem in stems:
            fail("{}: values: {} and {} would have the same tests; rename one".format(name, stems[stem], label))
        stems[stem] = label
    return stems

def _documents(name, values, stems, document):
    """Declares the documents of the gates: for the chart, for each values file, and for writing goldens."""
    chart_gates(name = name + ".gates", chart = name, values = values, **document)
    for stem, label in stems.items():
        chart_gates(name = "{}.gates.{}".format(name, stem), chart = name, values = [label] if label else [], **document)
    if document["golden"]:
        chart_gates(name = name + ".update.gates", chart = name, **(document | {"crds": []}))

def _renderings(name, prefix, major, stems, common):
    """Declares the renderings by one Helm; returns the target of each stem."""
    if major not in _RENDERINGS:
        fail("{}: helm: expected some of {}; found {}".format(name, ", ".join(_RENDERINGS), repr(major)))
    targets = {stem: "{}.render.{}".format(prefix, stem) for stem in stems}
    for stem, target in targets.items():
        _RENDERINGS[major](name = target, chart = name, gates = "{}.gates.{}".format(name, stem), **common)
    return targets

def _tests_of_renderings(name, prefix, renderings, gates, attributes):
    """Declares the tests that read renderings by one Helm; returns their names."""
    tests = []
    for stem, rendering in renderings.items():
        options = [("--config", "{}.gates.{}".format(name, stem)), ("--rendering", rendering)]
        for gate in [gate for gate in OF_VALUES_FILE if gate in gates]:
            tests.append("{}.{}.{}".format(prefix, stem, gate))
            gate_test(tests[-1], gate, name + ".rendered", options, **attributes)
    options = [("--config", name + ".gates")] + [("--rendering", rendering) for rendering in renderings.values()]
    for gate in [gate for gate in OF_ALL_RENDERINGS if gate in gates]:
        tests.append("{}.{}".format(prefix, gate))
        gate_test(tests[-1], gate, name, options, **attributes)
    return tests

def _tests_of_chart(name, gates, attributes):
    """Declares the tests that read no rendering; returns their names."""
    tests = {gate: "{}.{}".format(name, gate) for gate in OF_CHART if gate in gates}
    for gate, test in tests.items():
        options = [("--config", name + ".gates")] + ([("--sources", name + ".sources")] if gate == "package" else [])
        gate_test(test, gate, name, options, **attributes)
    return tests.values()

def chart_tests(name, root, values, document, gates, helm, **kwargs):
    """Declares the renderings of a chart and the tests of its gates; helm_chart documents the targets.

    Args:
      name: string: the chart_folder
      root: string: the chart's folder in this package
      values: list[label]: values files; the chart's own without any
      document: dict: attributes of chart_gates that are the same for all values files
      gates: list[string]: the gates to test
      helm: list[string]: major versions of Helm, the main one first
      **kwargs: attributes common to all tests
    """
    common = common_attributes(kwargs)
    stems = _stems(name, root, values)
    native.filegroup(name = name + ".rendered", srcs = [name], output_group = "rendered", **common)
    chart_sources(name = name + ".sources", chart = name, **common)
    _documents(name, values, stems, document | common)
    tests = _tests_of_chart(name, gates, kwargs)
    for major in helm if [gate for gate in gates if gate not in OF_CHART] else []:
        prefix = name if major == helm[0] else "{}.helm{}".format(name, major)
        renderings = _renderings(name, prefix, major, stems, common)
        attributes = kwargs | {"tags": kwargs.get("tags", []) + ["helm" + major]}
        tests += _tests_of_renderings(name, prefix, renderings, gates, attributes)
        if document["golden"] and major == helm[0]:
            options = [("--config", name + ".update.gates")]
            options += [("--rendering", rendering) for rendering in renderings.values()]
            golden_update(name + ".update", name, options, **common)
    if tests:
        native.test_suite(name = name + ".tests", tests = tests, **common)

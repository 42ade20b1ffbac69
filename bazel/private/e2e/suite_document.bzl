"""The rule suite_document: writes what `release-kit e2e` runs, with the scenarios beside it."""

load("//bazel/private/lib:e2e_criteria.bzl", "is_scenario", "required_scenarios", "suite_fault")

visibility(["//bazel"])

_SCHEMA = "rules_release/e2e-suite/v1"

def _place(file):
    """Returns where a source is beside the document: as it is in the package, or as in its own."""
    package = file.owner.package
    return file.short_path.removeprefix("../").removeprefix(package + "/") if package else file.short_path

def _linked(ctx):
    """Links the sources into the document's folder; returns them by their places."""
    links = {}
    for file in ctx.files.srcs:
        place = _place(file)
        if place in links:
            fail("{}: srcs: two files are called {}; rename one".format(ctx.label, place))
        links[place] = ctx.actions.declare_file("{}/{}".format(ctx.label.name, place))
        ctx.actions.symlink(output = links[place], target_file = file)
    return links

def _suite_document_impl(ctx):
    links = _linked(ctx)
    health = json.decode(ctx.attr.health)
    scenarios = sorted([place for place in links if is_scenario(place)])
    fault = suite_fault(scenarios, ctx.attr.required.keys(), health)
    if fault:
        fail("{}: {}".format(ctx.label, fault))
    criteria = {
        "allowed_skips": ctx.attr.allowed_skips,
        "budget": ctx.attr.budget,
        "deadline": ctx.attr.deadline,
        "required": required_scenarios(ctx.attr.required),
    }
    content = {
        "schema": _SCHEMA,
        "name": ctx.attr.set_name,
        "scenarios": scenarios,
        "health": health,
        "consecutive": ctx.attr.consecutive,
        "credentials": ctx.attr.credentials,
        "variables": ctx.attr.variables,
        "criteria": {key: value for key, value in criteria.items() if value},
    }
    document = ctx.actions.declare_file("{}/suite.json".format(ctx.label.name))
    content = {key: value for key, value in content.items() if value}
    ctx.actions.write(document, json.encode_indent(content, indent = "  ") + "\n")
    return [DefaultInfo(files = depset([document]), runfiles = ctx.runfiles(links.values()))]

suite_document = rule(
    doc = "An end-to-end suite as a document, with its scenarios among its runfiles.",
    implementation = _suite_document_impl,
    attrs = {
        "allowed_skips": attr.int(doc = "How many scenarios may tell nothing."),
        "budget": attr.string(doc = "How long all scenarios may take together."),
        "consecutive": attr.int(doc = "How many answers in a row have to be right.", mandatory = True),
        "credentials": attr.string_list(doc = "Environment variables that nobody may see."),
        "deadline": attr.string(doc = "When waiting and running are over."),
        "health": attr.string(doc = "JSON: the addresses for health.", mandatory = True),
        "required": attr.string_dict(doc = "Scenarios that have to pass, with their budgets."),
        "set_name": attr.string(doc = "What the suite is called.", mandatory = True),
        "srcs": attr.label_list(allow_files = [".py"], doc = "The scenarios and what they import.", mandatory = True),
        "variables": attr.string_list(doc = "Environment variables that anybody may see."),
    },
)

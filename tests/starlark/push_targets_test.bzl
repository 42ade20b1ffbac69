"""Analysis tests of push_targets: the document it writes, and that no action of it reads the stamp."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//bazel:container_tags.bzl", "container_tags")
load("//bazel:push_targets.bzl", "push_targets")
load(":fake_layout.bzl", "fake_layout")

_STAMPED = {"//command_line_option:stamp": True}

# They lay the runfiles out, or pack them where somebody asks for a zip: the status file is a link to them.
_RUNFILES_ACTIONS = ["Middleman", "PythonZipper", "RepoMappingManifest", "SourceSymlinkManifest", "SymlinkTree"]

def _document(env):
    actions = [action for action in analysistest.target_actions(env) if action.mnemonic == "FileWrite"]
    return json.decode(actions[0].content)

def _document_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, {
        "schema": "rules_release/release-set/v1",
        "name": "shop",
        "record_repository": "shop/release",
        "registry": "ghcr.io/acme",
        "images": [
            {"name": "core", "repository": "shop/core", "layout": "push_targets.oci"},
            {
                "name": "web",
                "repository": "shop/web",
                "layout": "push_targets.img",
                "descriptor": "push_targets.img.descriptor.json",
            },
        ],
        "tags": {
            "immutable": ["sha-{{STABLE_COMMIT_SHA}}", "v{{STABLE_VERSION}}"],
            "moving": ["latest"],
            "digest_prefix": "sha-",
            "short_length": 12,
        },
    }, _document(env))
    return analysistest.end(env)

_document_test = analysistest.make(_document_test_impl)

def _policy_reaches_document_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, {"immutable": ["{{STABLE_VERSION}}"], "moving": [], "short_length": 12}, _document(env)["tags"])
    asserts.false(env, "registry" in _document(env), "no registry, no field")
    return analysistest.end(env)

_policy_reaches_document_test = analysistest.make(_policy_reaches_document_test_impl)

def _no_action_reads_the_stamp_test_impl(ctx):
    env = analysistest.begin(ctx)
    for action in analysistest.target_actions(env):
        if action.mnemonic in _RUNFILES_ACTIONS:
            continue
        names = [file.basename for file in action.inputs.to_list()]
        asserts.false(env, "stable-status.txt" in names, "{} reads the status file".format(action.mnemonic))
    runfiles = analysistest.target_under_test(env)[DefaultInfo].default_runfiles.files.to_list()
    asserts.true(env, "stable-status.txt" in [file.basename for file in runfiles], "the status file is a runfile")
    return analysistest.end(env)

_no_action_reads_the_stamp_test = analysistest.make(_no_action_reads_the_stamp_test_impl, config_settings = _STAMPED)

def _refusal_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, ctx.attr.message)
    return analysistest.end(env)

_refusal_test = analysistest.make(_refusal_test_impl, attrs = {"message": attr.string()}, expect_failure = True)

def _push(name, images, **kwargs):
    push_targets(name = name, images = images, tags = ["manual"], **kwargs)
    return name

def push_targets_test_suite(name):
    """Declares the tests.

    Args:
      name: string: the test suite's name
    """
    fake_layout(name = name + ".oci", tags = ["manual"])
    fake_layout(name = name + ".img", as_output_group = True, tags = ["manual"])
    container_tags(
        name = name + ".tags",
        commit_tags = [],
        digest_prefix = "",
        static_tags = [],
        tags = ["manual"],
        version_tags = ["{{STABLE_VERSION}}"],
    )
    images = {name + ".oci": "shop/core", name + ".img": "shop/web"}
    push = _push(
        name + ".push",
        images,
        record_repository = "shop/release",
        registry = "ghcr.io/acme",
        set_name = "shop",
    )
    other = _push(name + ".other", {name + ".oci": "core"}, container_tags = name + ".tags")
    shared = _push(name + ".shared", {name + ".oci": "core", name + ".img": "core"})
    illegal = _push(name + ".illegal", {name + ".oci": "Core"})
    illegal_record = _push(name + ".illegal_record", {name + ".oci": "core"}, record_repository = "Core")
    shared_record = _push(name + ".shared_record", {name + ".oci": "core"}, record_repository = "core")
    no_layout = _push(name + ".no_layout", {"//:workspace_status.sh": "core", "//tools:release_kit": "kit"})
    _document_test(name = name + "_document", target_under_test = push + ".set")
    _policy_reaches_document_test(name = name + "_policy", target_under_test = other + ".set")
    _no_action_reads_the_stamp_test(name = name + "_stamp", target_under_test = push)
    refusals = {
        illegal: "is no legal repository",
        illegal_record: "record_repository: \"Core\" is no legal repository",
        no_layout: "expected one OCI image layout directory",
        shared: "share the repository core",
        shared_record: "record_repository and",
    }
    for target, message in refusals.items():
        _refusal_test(name = target + "_refused", message = message, target_under_test = target + ".set")
    native.test_suite(
        name = name,
        tests = [name + "_document", name + "_policy", name + "_stamp"] + [target + "_refused" for target in refusals],
    )

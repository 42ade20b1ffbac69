"""A repository with one package for each wheel of a requirements lock."""

visibility("//python/...")

_REMEDY = "Check that pip reaches its index (`offline/enter pip download six`), or lock versions that have wheels for this Python."

def _pypi_hub_impl(rctx):
    rctx.watch(rctx.attr.lock)
    rctx.watch("/usr/bin/python3")
    rctx.report_progress("downloading the wheels of %s" % rctx.attr.lock)
    done = rctx.execute(
        ["/usr/bin/python3", "-B", rctx.path(rctx.attr._script), rctx.path(rctx.attr.lock), rctx.path(".")],
        timeout = 1800,
    )
    if done.return_code != 0:
        fail("%s: the wheels cannot be fetched.\n%s%s\n%s" % (rctx.attr.lock, done.stdout, done.stderr, _REMEDY))

pypi_hub = repository_rule(
    implementation = _pypi_hub_impl,
    doc = "Downloads the wheels that a lock names, by hash, and makes `@hub//name` of each.",
    attrs = {
        "lock": attr.label(
            allow_single_file = True,
            doc = "A requirements file with versions and hashes of everything, as pip-compile and uv write it.",
            mandatory = True,
        ),
        "_script": attr.label(
            allow_single_file = True,
            default = "//python/private:wheels.py",
        ),
    },
)

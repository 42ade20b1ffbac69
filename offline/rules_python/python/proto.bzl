"""Only loaded by a package of Bazel itself that nothing here builds."""

def py_proto_library(name, **_kwargs):
    fail("//%s:%s: py_proto_library is not in this stand-in of rules_python" % (native.package_name(), name))

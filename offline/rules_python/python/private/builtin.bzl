"""Bazel's built-in Python symbols under names that other files may export again."""

visibility("//python/...")

builtin = struct(
    PyInfo = PyInfo,
    PyRuntimeInfo = PyRuntimeInfo,
    py_binary = native.py_binary,
    py_library = native.py_library,
    py_runtime = native.py_runtime,
    py_test = native.py_test,
)

"""All rules and providers of rules_python that are in use."""

load("//python/private:builtin.bzl", "builtin")
load("//python/private:current_py_toolchain.bzl", _current_py_toolchain = "current_py_toolchain")
load("//python/private:macros.bzl", _py_binary = "py_binary", _py_library = "py_library", _py_test = "py_test")
load("//python/private:py_runtime_pair.bzl", _py_runtime_pair = "py_runtime_pair")

PyInfo = builtin.PyInfo
PyRuntimeInfo = builtin.PyRuntimeInfo
current_py_toolchain = _current_py_toolchain
py_binary = _py_binary
py_import = _py_library
py_library = _py_library
py_runtime = builtin.py_runtime
py_runtime_pair = _py_runtime_pair
py_test = _py_test

"""Which attributes of a macro all of its rules take."""

visibility(["//bazel", "//bazel/private/..."])

_COMMON = ["tags", "target_compatible_with", "testonly", "visibility"]

def common_attributes(attributes):
    """Returns those that rules of any kind have; the others are for executables and tests.

    Args:
      attributes: dict: the macro's **kwargs
    """
    return {key: value for key, value in attributes.items() if key in _COMMON}

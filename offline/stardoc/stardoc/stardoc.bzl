"""The `stardoc` macro, with a renderer that needs no Java toolchain."""

load("@debian_stardoc//stardoc:stardoc.bzl", _stardoc = "stardoc")

def stardoc(*, name, **kwargs):
    """Generates documentation of a Starlark file.

    Args:
      name: The name of the target.
      **kwargs: As in stardoc.
    """
    _stardoc(
        name = name,
        renderer = kwargs.pop("renderer", Label("//stardoc:renderer.sh")),
        **kwargs
    )

"""Module extensions: which tools a build uses.

```starlark
helm = use_extension("@rules_release//bazel:extensions.bzl", "helm")
helm.local(version = "4")
```
"""

load("//bazel/private/helm:extension.bzl", _helm = "helm")

helm = _helm

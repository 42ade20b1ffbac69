#!/bin/sh
exec /usr/bin/java --sun-misc-unsafe-memory-access=allow -jar /usr/share/bazel/tools/stardoc/stardoc/renderer_prebuilt.jar "$@"

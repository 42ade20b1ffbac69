"""The remote cache of a build: Bazel's HTTP cache protocol, or the folder of a `--disk_cache`."""

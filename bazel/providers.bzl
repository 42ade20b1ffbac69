"""Providers of rules_release."""

load("//bazel/private/providers:chart_info.bzl", _ChartInfo = "ChartInfo")
load("//bazel/private/providers:helm_info.bzl", _HelmInfo = "HelmInfo")
load("//bazel/private/providers:release_set_info.bzl", _ReleaseSetInfo = "ReleaseSetInfo")
load("//bazel/private/providers:tag_policy_info.bzl", _TagPolicyInfo = "TagPolicyInfo")

ChartInfo = _ChartInfo
HelmInfo = _HelmInfo
ReleaseSetInfo = _ReleaseSetInfo
TagPolicyInfo = _TagPolicyInfo

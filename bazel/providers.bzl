"""Providers of rules_release."""

load("//bazel/private/providers:release_set_info.bzl", _ReleaseSetInfo = "ReleaseSetInfo")
load("//bazel/private/providers:tag_policy_info.bzl", _TagPolicyInfo = "TagPolicyInfo")

ReleaseSetInfo = _ReleaseSetInfo
TagPolicyInfo = _TagPolicyInfo

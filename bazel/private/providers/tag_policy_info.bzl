"""TagPolicyInfo."""

visibility(["//bazel/..."])

TagPolicyInfo = provider(
    doc = "Which tags an image gets: templates that turn a stamp and a digest into tags.",
    fields = {
        "immutable": "list[string]: templates of tags that never point at another digest once written",
        "moving": "list[string]: templates of tags that each release moves on",
        "digest_prefix": "string: what stands before the digest's first digits in the digest tag; empty for no such tag",
        "short_length": "int: how many hexadecimal digits the digest tag has",
    },
)

def tag_policy_document(policy):
    """Returns a policy as it stands in documents.

    Args:
      policy: TagPolicyInfo

    Returns:
      dict: to be written as JSON
    """
    document = {
        "immutable": policy.immutable,
        "moving": policy.moving,
        "short_length": policy.short_length,
    }
    if policy.digest_prefix:
        document["digest_prefix"] = policy.digest_prefix
    return document

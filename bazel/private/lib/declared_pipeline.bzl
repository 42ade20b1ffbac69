"""The pipeline at GitHub, as the document of environments has it; pure functions."""

visibility(["//bazel", "//tests/starlark"])

def _given(**fields):
    return {key: value for key, value in fields.items() if value != None}

def github_actions(
        owner,
        name,
        release_branch = None,
        push = None,
        test = None,
        charts = None,
        chart_paths = None,
        helm = None,
        runner = None,
        deploy_token = None,
        domain = None):
    """Says in which repository releases are made, and how its workflows do that.

    It is the `pipeline` of [environments](gitops.md#environments). A command is words without what a shell reads in its own
    way; another one is an error of the action that writes the document.

    Args:
      owner: string: the organization or user with the repository of the sources
      name: string: the repository's
      release_branch: string: releases are cut on it; `main` by default
      push: string: the command that pushes the release, to which arguments are added; `bazel run //release:push --` by
        default
      test: string: the command that tests everything; `bazel test //...` by default
      charts: string: the command that tests the charts alone, such as `bazel test //helm/...`; without it there is no
        workflow for charts
      chart_paths: list[string]: patterns of what concerns the charts, such as `helm/**`; nothing by default
      helm: dict[string, string]: the programs of Helm that tests need, `helm` and `helm3`, to their versions, such as
        `{"helm": "v4.3.1", "helm3": "v3.19.5"}`; none by default
      runner: string: the label of what jobs run on; `ubuntu-24.04` by default
      deploy_token: string: the secret, in each environment, with which the deploy repository is read and written;
        `DEPLOY_TOKEN` by default
      domain: string: `HOST[:PORT]` of GitHub Enterprise; github.com by default
    """
    return _given(
        provider = "github",
        chart_paths = chart_paths,
        charts = charts,
        deploy_token = deploy_token,
        domain = domain,
        helm = helm,
        name = name,
        owner = owner,
        push = push,
        release_branch = release_branch,
        runner = runner,
        test = test,
    )

def github_environment(
        secrets = None,
        variables = None,
        reviewers = None,
        prevent_self_review = None,
        wait_minutes = None,
        branches = None,
        tags = None):
    """Says what the environment of the same name has at GitHub, for [environment](gitops.md#environment).

    Args:
      secrets: list[string]: names, in capitals; whoever sets one knows its value, and nobody else; none by default
      variables: dict[string, string]: names, in capitals, to values of 1 byte to 48 KiB; none by default
      reviewers: list[string]: `team/SLUG` or `user/LOGIN`, 6 at most: one of them agrees before a job of the environment
        runs; nobody has to by default
      prevent_self_review: bool: whether who started a run may not agree to it; False by default
      wait_minutes: int: how many minutes a job of the environment waits, 43200 (30 days) at most; 0 by default
      branches: list[string]: patterns of branches whose jobs may use it; without these and `tags` those of all may
      tags: list[string]: patterns of tags whose jobs may use it, such as `v*`
    """
    return _given(
        branches = branches,
        prevent_self_review = prevent_self_review,
        reviewers = reviewers,
        secrets = secrets,
        tags = tags,
        variables = variables,
        wait_minutes = wait_minutes,
    )

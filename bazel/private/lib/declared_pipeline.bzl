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
    """Says in which repository releases are made, and how its workflows do that, for `environments`.

    Args:
      owner: string: of the repository with the sources
      name: string
      release_branch: string: releases are cut on it; `main` by default
      push: string: the command that pushes the release, to which arguments are added; `bazel run //release:push --`
      test: string: the command that tests everything; `bazel test //...`
      charts: string: the command that tests the charts alone, such as `bazel test //helm/...`; without it there is no
        workflow for charts
      chart_paths: list[string]: what concerns the charts, such as `helm/**`
      helm: dict: the programs of Helm that tests need to their versions, such as `{"helm": "v4.3.1", "helm3": "v3.19.5"}`
      runner: string: what jobs run on; `ubuntu-24.04`
      deploy_token: string: the secret, in each environment, with which the deploy repository is read and written;
        `DEPLOY_TOKEN`
      domain: string: HOST[:PORT] of GitHub Enterprise; github.com by default
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
    """Says what the environment of the same name has at GitHub, for `environment`.

    Args:
      secrets: list[string]: names; whoever sets one knows its value, and nobody else
      variables: dict: names to values
      reviewers: list[string]: `team/SLUG` or `user/LOGIN`: one of them agrees before a job of the environment runs
      prevent_self_review: bool: whether who started a run may not agree to it; False by default
      wait_minutes: int: how long a job of the environment waits; 0 by default
      branches: list[string]: patterns of branches whose jobs may use it; without these and `tags` those of all may
      tags: list[string]: patterns of tags, such as `v*`
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

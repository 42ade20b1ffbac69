"""Environments, as their document has them; pure functions."""

visibility(["//bazel", "//bazel/private/gitops", "//tests/starlark"])

def _given(**fields):
    return {key: value for key, value in fields.items() if value != None}

def environment(
        name,
        values = [],
        value_files = [],
        gates = [],
        automatic = None,
        tracks = None,
        branch = None,
        cluster = None,
        namespace = None,
        sync = None,
        kube_version = None,
        api_versions = None,
        url = None,
        staging = None,
        github = None):
    """Declares an environment, for [environments](#environments).

    A name, branch, namespace, constraint or address that is not legal is an error of the action that writes the document.

    Args:
      name: string: lowercase letters, digits and `-`, 63 at most
      values: list[label | dict]: its own values, each a file or a dictionary; a later one wins
      value_files: list[string]: values files in the packed chart; `values` win over them
      gates: list[gate]: its own gates, besides those for every environment
      automatic: bool: whether a release gets here once all gates hold (the default); False: a person promotes it
      tracks: string: a constraint of versions such as `*`: Argo CD takes the newest by itself. Without it the environment
        pins one version, which promotions move on its branch
      branch: string: holds what runs, and `<branch>-next` what is to run; `environment/<name>` by default
      cluster: string: the API server's address, or Argo CD's name of the cluster; by default the one Argo CD runs in
      namespace: string: where the chart goes; the environment's name by default
      sync: sync: how Argo CD brings it in step; what [sync](#sync) gives without arguments by default
      kube_version: string: the cluster's version of Kubernetes, for charts that ask for it when they are hydrated; `1.31.0`
        by default
      api_versions: list[string]: what `.Capabilities.APIVersions` has there besides the built-in ones; nothing by default
      url: string: where what runs there answers, such as `https://shop.demo.acme.example`; nowhere by default
      staging: bool: whether a release that skips staging does not wait for this environment; False by default
      github: github_environment: what the environment of this name has at GitHub:
        [github_environment](pipeline.md#github_environment); nothing that is looked at by default
    """
    return _given(
        name = name,
        api_versions = api_versions,
        automatic = automatic,
        branch = branch,
        cluster = cluster,
        gates = gates,
        github = github,
        kube_version = kube_version,
        namespace = namespace,
        staging = staging,
        sync = sync,
        tracks = tracks,
        url = url,
        value_files = value_files,
        values = values,
    )

def sync(wave = None, options = None, automated = None, prune = None, self_heal = None, create_namespace = None):
    """Says how Argo CD brings an environment in step.

    Args:
      wave: int: environments of a lower wave are set up first; by default the place in the order of promotions
      options: list[string]: more sync options, such as `ServerSideApply=true`; none by default
      automated: bool: whether it does by itself, which is the default
      prune: bool: whether it removes what the chart no longer has, which is the default
      self_heal: bool: whether it undoes what others change, which is the default
      create_namespace: bool: whether it makes the namespace, which is the default
    """
    return _given(
        automated = automated,
        create_namespace = create_namespace,
        options = options,
        prune = prune,
        self_heal = self_heal,
        wave = wave,
    )

def promoter(release = None, namespace = None):
    """Says which GitOps Promoter the resources are for.

    Args:
      release: string: `0.36.0` by default; resources differ from 0.38 on, and from 0.39 on
      namespace: string: that it runs in; `promoter-system` by default
    """
    return _given(release = release, namespace = namespace)

def argocd(release = None, namespace = None, project = None):
    """Says which Argo CD the resources are for.

    Args:
      release: string: `3.5.1` by default
      namespace: string: that it runs in; `argocd` by default
      project: string: Argo CD's project that the Applications are in; `default` by default
    """
    return _given(release = release, namespace = namespace, project = project)

def numbered_values(environments, resolve):
    """Names the values files of all environments by their positions in one list, in which each is once.

    Args:
      environments: list: what environment() returned
      resolve: function from a label as it is written to a Label

    Returns:
      the environments with positions for labels, and the list of the Labels
    """
    positions = {}
    numbered = []
    for each in environments:
        values = []
        for item in each["values"]:
            if type(item) != "dict":
                label = resolve(item)
                item = positions.setdefault(label, len(positions))
            values.append(item)
        numbered.append(each | {"values": values})
    return numbered, list(positions)

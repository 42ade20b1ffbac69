"""Which repository environments are kept in, as the document of environments names it; pure functions."""

visibility(["//bazel", "//tests/starlark"])

def _repository(provider, **fields):
    """Returns the fields that are given: the reader of the document knows the others' defaults."""
    return {"provider": provider} | {key: value for key, value in fields.items() if value != None}

def _github(owner, name, app_id, installation_id = None, domain = None, secret = None, url = None):
    """A repository on GitHub, where GitOps Promoter works as a GitHub App.

    Args:
      owner: string: the organization or user
      name: string: the repository's
      app_id: int: of the GitHub App
      installation_id: int: of its installation; by default GitOps Promoter finds it
      domain: string: `HOST[:PORT]` of GitHub Enterprise; github.com by default
      secret: string: the Secret in the cluster with the App's private key; `promoter-scm` by default
      url: string: what git calls the repository; by default the HTTPS address that follows from the others
    """
    return _repository(
        "github",
        owner = owner,
        name = name,
        app_id = app_id,
        installation_id = installation_id,
        domain = domain,
        secret = secret,
        url = url,
    )

def _gitlab(namespace, name, project_id, domain = None, secret = None, url = None):
    """A repository on GitLab.

    Args:
      namespace: string: the group, with those above it, or the user: `acme/deploy`
      name: string: the repository's
      project_id: int: GitLab's number of the project
      domain: string: `HOST[:PORT]` of a server of your own; gitlab.com by default
      secret: string: the Secret in the cluster with a token; `promoter-scm` by default
      url: string: what git calls the repository; by default the HTTPS address that follows from the others
    """
    return _repository(
        "gitlab",
        namespace = namespace,
        name = name,
        project_id = project_id,
        domain = domain,
        secret = secret,
        url = url,
    )

def _forgejo(domain, owner, name, secret = None, url = None):
    """A repository on a Forgejo server.

    Args:
      domain: string: the server's `HOST[:PORT]`
      owner: string: the organization or user
      name: string: the repository's
      secret: string: the Secret in the cluster with a token, or a user name and a password; `promoter-scm` by default
      url: string: what git calls the repository; by default the HTTPS address that follows from the others
    """
    return _repository("forgejo", domain = domain, owner = owner, name = name, secret = secret, url = url)

def _gitea(domain, owner, name, secret = None, url = None):
    """A repository on a Gitea server.

    Args:
      domain: string: the server's `HOST[:PORT]`
      owner: string: the organization or user
      name: string: the repository's
      secret: string: the Secret in the cluster with a token, or a user name and a password; `promoter-scm` by default
      url: string: what git calls the repository; by default the HTTPS address that follows from the others
    """
    return _repository("gitea", domain = domain, owner = owner, name = name, secret = secret, url = url)

def _bitbucket_cloud(owner, name, secret = None, url = None):
    """A repository on Bitbucket Cloud.

    Args:
      owner: string: the workspace
      name: string: the repository's
      secret: string: the Secret in the cluster with a token; `promoter-scm` by default
      url: string: what git calls the repository; by default the HTTPS address that follows from the others
    """
    return _repository("bitbucketCloud", owner = owner, name = name, secret = secret, url = url)

def _azure_devops(organization, project, name, domain = None, secret = None, url = None):
    """A repository on Azure DevOps.

    Args:
      organization: string: that the project is in
      project: string: that the repository is in
      name: string: the repository's
      domain: string: `HOST[:PORT]` of a server of your own; dev.azure.com by default
      secret: string: the Secret in the cluster with a token; `promoter-scm` by default
      url: string: what git calls the repository; by default the HTTPS address that follows from the others
    """
    return _repository(
        "azureDevOps",
        organization = organization,
        project = project,
        name = name,
        domain = domain,
        secret = secret,
        url = url,
    )

scm = struct(
    azure_devops = _azure_devops,
    bitbucket_cloud = _bitbucket_cloud,
    forgejo = _forgejo,
    gitea = _gitea,
    github = _github,
    gitlab = _gitlab,
)

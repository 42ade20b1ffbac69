"""Which repository environments are kept in, as the document of environments names it; pure functions."""

visibility(["//bazel", "//tests/starlark"])

def _repository(provider, **fields):
    """Returns the fields that are given: the reader of the document knows the others' defaults."""
    return {"provider": provider} | {key: value for key, value in fields.items() if value != None}

def _github(owner, name, app_id, installation_id = None, domain = None, secret = None, url = None):
    """A repository on GitHub, where GitOps Promoter works as a GitHub App.

    Args:
      owner: string
      name: string
      app_id: int: of the GitHub App
      installation_id: int: of its installation; GitOps Promoter finds it by itself
      domain: string: HOST[:PORT] of GitHub Enterprise; github.com by default
      secret: string: the Secret with the App's private key; promoter-scm by default
      url: string: what git calls the repository; by default what follows from the others
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
    """A repository on GitLab: namespace (string), name (string) and project_id (int); the others as for github."""
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
    """A repository on a Forgejo server: domain is its HOST[:PORT]; the others as for github."""
    return _repository("forgejo", domain = domain, owner = owner, name = name, secret = secret, url = url)

def _gitea(domain, owner, name, secret = None, url = None):
    """A repository on a Gitea server: domain is its HOST[:PORT]; the others as for github."""
    return _repository("gitea", domain = domain, owner = owner, name = name, secret = secret, url = url)

def _bitbucket_cloud(owner, name, secret = None, url = None):
    """A repository on Bitbucket Cloud: owner is the workspace; the others as for github."""
    return _repository("bitbucketCloud", owner = owner, name = name, secret = secret, url = url)

def _azure_devops(organization, project, name, domain = None, secret = None, url = None):
    """A repository on Azure DevOps: in a project of an organization; the others as for github."""
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

"""The runbook: what people do by hand, with the names and commands of this declaration."""

from release_kit.documents.environments import Environment, Environments
from release_kit.engines.gitops import gates, runbook_gates, runbook_promotion
from release_kit.engines.gitops.applications import application_name, branch_application_name
from release_kit.engines.gitops.markdown import code, prose, table
from release_kit.engines.gitops.promoter_resource import policy_name
from release_kit.engines.gitops.promoter_scm import access
from release_kit.engines.gitops.strategy import order


def text(declared: Environments) -> str:
    """Returns the runbook, in Markdown."""
    sections = [_overview(declared), _install(declared), _branches()]
    if declared.pinned:
        sections += [runbook_promotion.sections(declared), runbook_gates.section(declared)]
        sections += [_stuck(declared), _settings(declared)]
    return "\n".join(filter(None, sections))


def _overview(declared: Environments) -> str:
    rows = []
    for environment in declared.environments:
        own = [gate.key for gate in declared.gates_of(environment)]
        branch = "" if environment.tracks else f"`{environment.branch}`"
        name = application_name if environment.tracks else branch_application_name
        rows.append((environment.name, _how(environment), branch, ", ".join(own), f"`{name(declared, environment)}`"))
    header = ("Environment", "A release comes", "Branch", "Gates", "Application of Argo CD")
    order = " → ".join(environment.name for environment in declared.environments)
    about = prose(f"""
        Releases go {order}. The branches are in <{declared.repository.url}>: a branch holds what runs, the branch of
        the same name with `-next` what is to run; a promotion merges the second into the first. `{declared.dry_branch}`
        holds each release with all values, `{declared.results_branch}` the results of gates that release-kit reports.
        A gate about what runs (*active*) holds back the environments that come next, one about what is to run
        (*proposed*) its own environment.""")
    shown = "Each command is shown with Bazel, and as `release-kit` has it, with the documents that Bazel adds."
    ways = prose(f"""{shown if declared.command else ""} GitOps Promoter, where it is installed, and `promote`, where it
        is not, follow the same rules: use one of both.""")
    return f"# Runbook of {declared.name}\n\n{about}\n{table(header, rows)}\n{ways}"


def _how(environment: Environment) -> str:
    if environment.tracks:
        return f"by itself: it tracks `{environment.tracks}`"
    return "by itself, once its gates hold" if environment.automatic else "when a person merges it"


def _install(declared: Environments) -> str:
    argocd = prose(f"""
        Argo CD {declared.argocd.release} is in the namespace `{declared.argocd.namespace}`. Apply the Secrets, add the
        credentials as their files say, then apply the Applications.""")
    apply = "kubectl apply --server-side"
    commands = [f"{apply} --filename argocd/repository.yaml"]
    if declared.pinned:
        commands.append(f"{apply} --filename argocd/git-repository.yaml")
    if declared.pinned and declared.delivery == "application":
        commands.append(f"{apply} --field-manager={declared.name} --filename argocd/health.yaml")
    first = f"## Install, once\n\n{argocd}\n{code(*commands, f'{apply} --filename argocd/applications')}"
    if not declared.pinned:
        return first
    promoter = prose(f"""
        GitOps Promoter {declared.promoter.release}, unless `promote` does its work. The first command makes
        definitions, and fails at what needs them: run it twice. {access(declared.repository)}""")
    parts = {"secret": "x", "scm": "x", "gates": gates.resources(declared), "order": order(declared), "strategy": "x"}
    names = [name for name, part in parts.items() if part]
    files = (f"{apply} --filename promoter/{name}.yaml" for name in names)
    return f"{first}\n{promoter}\n{code(f'{apply} --kustomize promoter/install', *files)}"


def _branches() -> str:
    about = prose("The script makes those that are missing and touches no other, so it may run again.")
    return f"## Make the branches, once\n\n{about}\n{code('./bootstrap.sh')}"


def _stuck(declared: Environments) -> str:
    kubectl, first = f"kubectl --namespace {declared.promoter.namespace}", declared.pinned[0]
    rows = [(each.name, f"`{policy_name(declared, each)}`", f"`{each.proposed_branch}`") for each in declared.pinned]
    about = prose("`status` says what each environment waits for, and who can end it. In the cluster:")
    commands = code(
        f"{kubectl} describe promotionstrategy {declared.name}",
        f"{kubectl} describe changetransferpolicy {policy_name(declared, first)}",
        f"{kubectl} get pullrequests.promoter.argoproj.io",
        f"{kubectl} get commitstatus --label-columns promoter.argoproj.io/commit-status",
    )
    causes = prose(f"""
- *Not hydrated for this change*: run `hydrate` again, it finishes what is missing.
- *A gate stays pending*: nobody has reported it for the head of its branch. The table of gates says who does.
- *TooManyMatchingSha*: two CommitStatuses have one key and one commit. Delete the one that its reporter did not make.
- *MissingProposedHydratorMetadata*: somebody else has pushed to the `-next` branch. Run `hydrate` again.
- *A branch is gone*: run `./bootstrap.sh`, then `hydrate` again, and look at the settings below.
- *Nothing happens since GitOps Promoter was upgraded*: these files are for {declared.promoter.release}.
  `release-kit gitops diff` shows what another release needs.""")
    header = ("Environment", "ChangeTransferPolicy", "Its proposed branch")
    return f"## When a promotion is stuck\n\n{about}\n{commands}\n{table(header, rows)}\n{causes}"


def _settings(declared: Environments) -> str:
    branches = ", ".join(f"`{each.branch}`" for each in declared.pinned)
    settings = prose(f"""
- Head branches are not deleted after a merge: the `-next` branches have to stay.
- Pull requests are merged with a merge commit. A squash or a rebase gives both branches different histories.
- Nobody pushes to {branches} but who promotes and rolls back.
- Nobody pushes to the `-next` branches and `{declared.dry_branch}` but who hydrates, nor to
  `{declared.results_branch}` but who reports.""")
    return f"## Settings of the repository\n\n{settings}"

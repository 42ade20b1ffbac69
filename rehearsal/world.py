"""Everything that a rehearsal happens in: servers and repositories on loopback, in one folder, gone at its end."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from rehearsal import github_server
from rehearsal.argocd_server import ArgoCDServer
from rehearsal.declaration import Addresses, on_loopback
from rehearsal.deployer import Deployer, Place, Tools
from rehearsal.git_server import GitServer
from rehearsal.github_routes import Request
from rehearsal.github_server import GitHubServer
from rehearsal.kit import Kit
from rehearsal.pinned import DeployRepository
from rehearsal.real_registry import DISTRIBUTION_2, DISTRIBUTION_3, Registry, find
from rehearsal.source import Source
from rehearsal.timeline import Timeline

PREFIX = "acme"
SOURCE, DEPLOY = "acme/shop", "acme/shop-deploy"
USER = "e2e"
_HELMS = ("helm", "helm4", "helm3")
_PROGRAMS = ("git", "skopeo", "umoci", "unshare")
_WHO = {
    f"GIT_{role}_{key}": text
    for role in ("AUTHOR", "COMMITTER")
    for key, text in (("NAME", "Rehearsal"), ("EMAIL", "rehearsal@localhost"))
}


class MissingError(Exception):
    """This machine lacks a program."""


class Machine(NamedTuple):
    """The programs that a rehearsal needs besides Python."""

    helm: str
    registry: str
    """A kind of rehearsal.real_registry."""


def machine() -> Machine:
    """Looks for all programs.

    Raises:
        MissingError: one is not on PATH.
    """
    for name in _PROGRAMS:
        if not shutil.which(name):
            raise MissingError(f"{name} is not on PATH: install it")
    helm = os.environ.get("HELM_BIN") or next(filter(None, map(shutil.which, _HELMS)), "")
    if not helm:
        raise MissingError("helm is not on PATH: install it, or name it in HELM_BIN")
    for kind in (DISTRIBUTION_3, DISTRIBUTION_2):
        try:
            find(kind)
        except RuntimeError:
            continue
        return Machine(helm, kind)
    raise MissingError("there is no registry on PATH: apt-get install docker-registry")


class World:
    """The servers and the repositories; to be used as a context."""

    def __init__(self, sample: Path, folder: Path, timeline: Timeline) -> None:
        """Starts all servers.

        Args:
            sample: the root of this repository's files, with what Bazel has built among them.
            folder: an empty one; nothing outside of it is written.
            timeline: is told what happens.
        """
        self.sample, self.folder, self.timeline = sample, folder, timeline
        self.machine = machine()
        self.approves = True
        """Whether somebody approves of the release."""
        self._stack = ExitStack()
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise

    def _start(self) -> None:
        for name in ("home", "registry", "tmp"):
            (self.folder / name).mkdir(parents=True)
        self.kit = Kit(self.folder / "logs", self._environment(), self.timeline)
        self.source = Source(self.folder / "source", self.sample)
        self.registry = Registry(self.machine.registry, self.folder / "registry")
        self._stack.callback(lambda: self.registry.stop())
        self.git = self._stack.enter_context(GitServer(self.folder / "deploy"))
        self.github = self._stack.enter_context(GitHubServer((SOURCE, DEPLOY)))
        self.argocd_token, self.password, self._key = (secrets.token_hex(32) for _ in range(3))
        self.kit.secrets += [github_server.TOKEN, self.argocd_token, self.password, self._key]
        self.argocd = self._stack.enter_context(ArgoCDServer(self.argocd_token))
        self._make_deploy_repository()
        self.declared = json.loads((self.sample / "gitops/environments.json").read_text())
        self.deployer = self._deployer()
        self._stack.callback(self.deployer.close)
        self.github.instead = self._with_tags
        self.git.after = lambda request: self.deployer.pushed() if request.step == "push" else None
        self.declaration = self._declare()
        self.record = self.folder / "record.json"

    def __enter__(self) -> Self:
        """Gives it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends all servers and processes."""
        self._stack.__exit__(kind, error, trace)

    @property
    def names(self) -> list[str]:
        """The environments, in order."""
        return [each["name"] for each in self.declared["environments"]]

    def url(self, environment: str) -> str:
        """Returns where an environment is reached."""
        return self.deployer.namespaces[environment].outside.url

    @property
    def github_secret(self) -> dict[str, str]:
        """What a command that asks GitHub has in its environment."""
        return {"GITHUB_TOKEN": github_server.TOKEN}

    @property
    def argocd_secret(self) -> dict[str, str]:
        """What a command that asks Argo CD has in its environment."""
        return {"ARGOCD_AUTH_TOKEN": self.argocd_token}

    @property
    def e2e_secret(self) -> dict[str, str]:
        """What the scenarios have in their environment."""
        return {"SHOP_E2E_USER": USER, "SHOP_E2E_PASSWORD": self.password, **self.github_secret}

    def say(self, what: str, where: str = "") -> None:
        """Tells the timeline."""
        self.timeline.tell(what, where)

    def run(self, script: Path, *arguments: str, folder: Path | None = None) -> Any:
        """Runs a script of the sample."""
        return self.kit.program(["bash", str(script)], script.name, arguments, folder)

    def _environment(self) -> dict[str, str]:
        """Returns what every command finds: nothing that the user has configured."""
        home = str(self.folder / "home")
        own = {
            "HOME": home,
            "XDG_STATE_HOME": f"{home}/state",
            "XDG_CACHE_HOME": f"{home}/cache",
            "DOCKER_CONFIG": home,
        }
        quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
        roots = [each for each in sys.path if each and Path(each) != Path(__file__).parent]
        path = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(roots)}
        return own | quiet | path | _WHO | {"TMPDIR": str(self.folder / "tmp"), "HELM_BIN": self.machine.helm}

    def _make_deploy_repository(self) -> None:
        self.git.create("shop-deploy")
        script = self.sample / "gitops/generated/bootstrap.sh"
        self.run(script, self.git.url("shop-deploy"))
        knows = partial(_knows, self.folder / "deploy/shop-deploy.git", self.source.origin)
        self.github.statuses.knows = knows

    def _with_tags(self, _: Request) -> None:
        """Lets GitHub have the tags of the source repository, which is its own; answers nothing."""
        tags = self.source.tags()
        self.github.releases.tags.update({(SOURCE, name): commit for name, commit in tags.items()})
        self.github.releases.annotated.update(tags)

    def _deployer(self) -> Deployer:
        name = self.declared["name"]
        places = [Place(each, f"environment/{each}", f"pin-{name}-{each}") for each in self.names]
        users = {"session-key": self._key, "users": json.dumps({USER: self.password})}
        home = self.folder / "home"
        tools = Tools(self.machine.helm, home, {f"{name}-core": users})
        repository = DeployRepository(self.git.url("shop-deploy"), self.folder / "deployer")
        return Deployer(places, repository, self.argocd, tools, lambda where, what: self.say(what, where))

    def _declare(self) -> Path:
        urls = {name: self.url(name) for name in self.names}
        addresses = Addresses(f"{self.registry.host}/{PREFIX}", self.git.url("shop-deploy"), self.github.host, urls)
        path = self.folder / "environments.json"
        path.write_text(json.dumps(on_loopback(self.sample / "gitops/environments.json", addresses), indent=2))
        return path


def _knows(deploy: Path, source: Path, repository: str, sha: str) -> bool:
    """Tells whether a repository at GitHub has a commit: the one that its git server has."""
    place = deploy if repository == DEPLOY else source
    done = subprocess.run(["git", "cat-file", "-e", f"{sha}^{{commit}}"], cwd=place, capture_output=True, check=False)
    return done.returncode == 0

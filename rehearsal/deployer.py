"""What stands for Argo CD: takes what a promotion has put on an environment's branch, and really deploys it."""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rehearsal import argocd_server, rendered
from rehearsal.argocd_server import ArgoCDServer, Document
from rehearsal.cluster import Images, Namespace, NotReadyError
from rehearsal.pinned import DeployRepository, Pinned, render

_APPLICATIONS = "argoproj.io"
_PATIENCE_SECONDS = 120.0
Tell = Callable[[str, str], None]
"""Is told the environment, and what happens there."""


class Place(NamedTuple):
    """An environment."""

    name: str
    branch: str
    pin: str
    """The Application that follows the branch; the one that it applies is on the branch."""


class Health(NamedTuple):
    """How an Application is, in Argo CD's words."""

    status: str
    message: str = ""
    phase: str = "Succeeded"
    """Of its sync."""


class Tools(NamedTuple):
    """What a deployment is made with."""

    helm: str
    home: Path
    """Where helm may keep what it likes."""
    secrets: Mapping[str, Mapping[str, str]]
    """Secrets that somebody has put into each namespace, by name and key."""


class Deployer:
    """Deploys what is on the branches, one after the other; to be told of pushes, as by a webhook."""

    def __init__(
        self, places: Sequence[Place], repository: DeployRepository, argocd: ArgoCDServer, tools: Tools, tell: Tell
    ) -> None:
        """Begins to listen for pushes."""
        images = Images(tools.home / "images")
        self.namespaces = {each.name: Namespace(images) for each in places}
        self._places, self._repository, self._argocd, self._tools, self._tell = places, repository, argocd, tools, tell
        self._deployed: dict[str, str] = {}
        self._told: set[str] = set()
        self._changed = threading.Condition()
        self._pushes, self._seen, self._ends = 0, 0, False
        argocd.refresh = lambda _: self.settle()
        for each in places:
            argocd.put(self._pin(each))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def pushed(self) -> None:
        """Is to be called after each push."""
        with self._changed:
            self._pushes += 1
            self._changed.notify_all()

    def settle(self) -> None:
        """Waits until everything is deployed that was pushed so far: what is deployed here is deployed at once."""
        with self._changed:
            aim = self._pushes
            self._changed.wait_for(lambda: self._seen >= aim or self._ends, _PATIENCE_SECONDS)

    def again(self, name: str) -> None:
        """Deploys anew what an environment has."""
        self._deployed.pop(name, None)
        self.pushed()
        self.settle()

    def close(self) -> None:
        """Ends everything that runs."""
        with self._changed:
            self._ends = True
            self._changed.notify_all()
        self._thread.join()
        for namespace in self.namespaces.values():
            namespace.close()

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pushes > self._seen or self._ends)
                if self._ends:
                    return
                aim = self._pushes
            self._look()
            with self._changed:
                self._seen = aim
                self._changed.notify_all()

    def _look(self) -> None:
        heads = self._repository.heads()
        for place in self._places:
            commit = heads.get(place.branch, "")
            if commit and self._deployed.get(place.name) != commit:
                self._deployed[place.name] = commit
                self._deploy(place, commit)

    def _deploy(self, place: Place, commit: str) -> None:
        pinned = self._repository.pinned(commit)
        if pinned is None:
            return
        self._put(place, commit, pinned, Health("Progressing", "the chart is being deployed"))
        self._tell(place.name, f"takes {pinned.chart} {pinned.version} from {pinned.registry}")
        try:
            self._apply(place, pinned)
        except NotReadyError as error:
            self._tell(place.name, f"{pinned.version} does not get ready: {error}; what ran before runs on")
            self._put(place, commit, pinned, Health("Degraded", str(error)))
        except Exception as error:
            self._tell(place.name, f"{pinned.version} can't be deployed: {error}")
            self._put(place, commit, pinned, Health("Missing", str(error), "Failed"))
        else:
            self._tell(place.name, f"{pinned.version} is ready at {self.namespaces[place.name].outside.url}")
            self._put(place, commit, pinned, Health("Healthy"))

    def _apply(self, place: Place, pinned: Pinned) -> None:
        def tell(text: str) -> None:
            self._tell(place.name, text)

        found = rendered.read(render(pinned, self._tools.helm, self._tools.home), self._tools.secrets)
        self.namespaces[place.name].apply(found, tell)
        runs = ", ".join(f"{each.name} x{each.replicas}" for each in found.deployments)
        tell(f"runs {runs}")
        self._tell_left_out(found, tell)

    def _tell_left_out(self, found: rendered.Rendered, tell: Callable[[str], None]) -> None:
        """Tells what of a chart does not run; once, since it is the same everywhere."""
        left_out = [f"{each.name} without {', '.join(each.left_out)}" for each in found.deployments if each.left_out]
        for line in (*(f"not run: {each}" for each in found.not_run), *left_out):
            what = re.sub(r"\d\S*", "", line)
            if what not in self._told:
                self._told.add(what)
                tell(line)

    def _pin(self, place: Place) -> Document:
        source = {"repoURL": self._repository.url, "targetRevision": place.branch, "path": "manifests"}
        return argocd_server.application(place.pin, source)

    def _put(self, place: Place, commit: str, pinned: Pinned, health: Health) -> None:
        """Publishes the health of the chart's Application, and of the one above it, which has that one's."""
        source = {"repoURL": pinned.registry, "chart": pinned.chart, "targetRevision": pinned.version}
        told = {"health": health.status, "message": health.message}
        chart = argocd_server.application(pinned.application, source)
        self._argocd.put(argocd_server.observed(chart, pinned.version, **told))
        above = argocd_server.observed(self._pin(place), commit, **told)
        child = {"group": _APPLICATIONS, "kind": "Application", "name": pinned.application}
        above["status"]["resources"] = [{**child, "health": {"status": health.status}}]
        why = health.message if health.phase == "Failed" else ""
        self._argocd.put(argocd_server.synced(above, commit, health.phase, why))

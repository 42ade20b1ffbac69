"""What stands for a cluster: released images as processes, Services and an Ingress as addresses on loopback."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from rehearsal.balancer import Balancer
from rehearsal.containers import Bundle, Container, pull
from rehearsal.rendered import Deployment, Rendered

PROBE_SECONDS = 0.1
"""How often a pod is asked whether it is ready."""
PROBES = 30
"""As often is it asked before its rollout has failed (Kubernetes: progressDeadlineSeconds)."""
_STARTS = 4
"""As many processes start at a time."""
Tell = Callable[[str], None]


class NotReadyError(Exception):
    """A pod does not get ready; what ran before runs on."""


class Images:
    """Released images, unpacked; each is pulled once, by its digest."""

    def __init__(self, folder: Path) -> None:
        """Has none yet."""
        self._folder = folder
        self._bundles: dict[str, Bundle] = {}

    def bundle(self, reference: str, tell: Tell) -> Bundle:
        """Returns the root file system of an image.

        Args:
            reference: `HOST/REPOSITORY:TAG@DIGEST`; the digest counts.
            tell: is told of a pull.
        """
        name, _, digest = reference.partition("@")
        if digest not in self._bundles:
            repository = name.rpartition(":")[0]
            short = digest[7:19]
            tell(f"pulls {repository.partition('/')[2]}@{digest[:19]}")
            self._bundles[digest] = pull(f"{repository}@{digest}", self._folder / short, layout=self._folder / "layout")
        return self._bundles[digest]


class Namespace:
    """What runs of one environment."""

    def __init__(self, images: Images) -> None:
        """Runs nothing; its address answers 503."""
        self.outside = Balancer()
        """What stands for the Ingress."""
        self._images = images
        self._services: dict[str, Balancer] = {}
        self._running: dict[str, list[Container]] = {}

    def apply(self, rendered: Rendered, tell: Tell) -> None:
        """Runs a chart's Deployments; what ran before stops once all of it is ready.

        Raises:
            NotReadyError: some pod does not get ready; nothing has changed.
        """
        for service in rendered.services:
            self._services.setdefault(service.name, Balancer())
        pods = [each for each in rendered.deployments for _ in range(each.replicas)]
        bundles = {each.image: self._images.bundle(each.image, tell) for each in rendered.deployments}
        new: dict[str, list[Container]] = {each.name: [] for each in rendered.deployments}
        try:
            with ThreadPoolExecutor(_STARTS) as pool:
                starts = [(pod, pool.submit(self._start, pod, bundles[pod.image])) for pod in pods]
            for pod, start in starts:
                new[pod.name].append(start.result())
            for each in rendered.deployments:
                for container in new[each.name]:
                    _wait(each, container)
        except BaseException:
            _stop(_all(new))
            raise
        self._lead(rendered, new)
        old, self._running = self._running, new
        _stop(_all(old))

    def _start(self, pod: Deployment, bundle: Bundle) -> Container:
        settings = {name: self._resolved(text) for name, text in pod.environment}
        try:
            return Container(bundle, settings, pod.arguments)
        except RuntimeError as error:
            raise NotReadyError(f"{pod.name}: {error}") from error

    def _resolved(self, text: str) -> str:
        """Puts addresses in the place of Services' names, which no DNS knows here."""
        found = re.fullmatch(r"http://([a-z0-9-]+)(/.*)?", text)
        if found and found[1] in self._services:
            return self._services[found[1]].url + (found[2] or "")
        return text

    def _lead(self, rendered: Rendered, pods: Mapping[str, Sequence[Container]]) -> None:
        for service in rendered.services:
            selected = [pods[each.name] for each in rendered.deployments if service.selects(each)]
            addresses = [pod.address for group in selected for pod in group]
            self._services[service.name].lead_to(addresses)
            if service.name == rendered.outside:
                self.outside.lead_to(addresses)

    def kill(self, name: str) -> None:
        """Ends all pods of a Deployment, and leaves it at that."""
        _stop(self._running.pop(name))

    def close(self) -> None:
        """Ends everything."""
        for balancer in (self.outside, *self._services.values()):
            balancer.close()
        _stop(_all(self._running))


def _all(pods: Mapping[str, Sequence[Container]]) -> Iterator[Container]:
    return (each for group in pods.values() for each in group)


def _stop(containers: Iterator[Container] | Sequence[Container]) -> None:
    with ThreadPoolExecutor(_STARTS) as pool:
        list(pool.map(Container.stop, containers))


def _wait(pod: Deployment, container: Container) -> None:
    """Asks a pod until it is ready.

    Raises:
        NotReadyError: it was asked often enough.
    """
    said = "no answer"
    for _ in range(PROBES if pod.probe else 0):
        said = _probe(pod.probe, container.address)
        if said == "200":
            return
        time.sleep(PROBE_SECONDS)
    if pod.probe:
        raise NotReadyError(f"{pod.name}: GET {pod.probe}: expected 200, found {said}: ProgressDeadlineExceeded")


def _probe(path: str, address: str) -> str:
    connection = HTTPConnection(address, timeout=5)
    try:
        connection.request("GET", path)
        return str(connection.getresponse().status)
    except (OSError, HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()

"""An Argo CD of its own on loopback, with the part of the API that tells of an Application; it takes nothing else.

    with ArgoCDServer(token) as argocd:
        argocd.put(application("shop-demo", {"repoURL": URL, "targetRevision": BRANCH, "path": "manifests"}))
        argocd.put(observed(argocd.applications["shop-demo"], commit, health="Progressing"))

Whoever deploys puts documents; `refresh` is called where a client wants Argo CD to look, and may put newer ones first.
What it takes and answers is as in argoproj/argo-cd v3.5.1: server/application/application.proto (ApplicationQuery),
server/application/application.go (getAppEnforceRBAC), and manifests/crds/application-crd.yaml for the documents.
"""

import copy
import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, unquote, urlsplit

PATH = "/api/v1/applications/"
TIME = "2026-11-23T12:00:00Z"
Document = dict[str, Any]


class Answer(NamedTuple):
    """What is answered; a status of 0 closes the connection without a word."""

    status: int
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()


def application(name: str, source: Mapping[str, Any], namespace: str = "argocd", project: str = "default") -> Document:
    """Returns an Application that Argo CD has not looked at yet."""
    destination = {"server": "https://kubernetes.default.svc", "namespace": name}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"project": project, "source": dict(source), "destination": destination},
    }


def observed(
    document: Document, revision: str, sync: str = "Synced", health: str = "Healthy", message: str = ""
) -> Document:
    """Returns an Application that Argo CD has compared with a revision, and in which health it found it."""
    spec = document["spec"]
    compared = {"source": spec["source"], "destination": spec["destination"]}
    told = {"status": health, "lastTransitionTime": TIME, **({"message": message} if message else {})}
    status = {
        **document.get("status", {}),
        "sync": {"status": sync, "revision": revision, "comparedTo": compared},
        "health": told,
        "reconciledAt": TIME,
    }
    return {**copy.deepcopy(document), "status": status}


def synced(document: Document, revision: str, phase: str = "Succeeded", message: str = "") -> Document:
    """Returns an Application whose newest sync, of a revision, is in a phase."""
    state = {
        "phase": phase,
        "startedAt": TIME,
        **({} if phase in ("Running", "Terminating") else {"finishedAt": TIME}),
        **({"message": message} if message else {}),
        "operation": {"sync": {"revision": revision}, "initiatedBy": {"automated": True}, "retry": {"limit": 5}},
        "syncResult": {"revision": revision, "source": document["spec"]["source"]},
    }
    made = {**copy.deepcopy(document), "status": {**document.get("status", {}), "operationState": state}}
    made.pop("operation", None)
    return {**made, "operation": state["operation"]} if phase in ("Running", "Terminating") else made


class ArgoCDServer:
    """Serves the Applications of one Argo CD; to be used as a context."""

    def __init__(self, token: str) -> None:
        """Has no Application yet; whoever asks needs the token."""
        self.applications: dict[str, Document] = {}
        """By name; replaced as a whole, never changed in place."""
        self.refresh: Callable[[str], None] = lambda _: None
        """Is told the name of an Application that has to be looked at, before it is answered."""
        self.instead: Callable[[str], Answer | None] = lambda _: None
        """May answer a request, by its target, in the place of the server."""
        self.journal: list[str] = []
        """The targets of all requests."""
        self.faults: list[str] = []
        """What was not as the API has it."""
        self._token = token
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"argocd": self}))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        """Begins to serve."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends all serving."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        """Such as `127.0.0.1:4711`."""
        return f"127.0.0.1:{self._http.server_address[1]}"

    def put(self, document: Document) -> None:
        """Lets an Application be as a document has it."""
        self.applications[document["metadata"]["name"]] = document

    def answer(self, method: str, target: str, headers: Mapping[str, str]) -> Answer:
        """Answers one request."""
        self.journal.append(target)
        if instead := self.instead(target):
            return instead
        if headers.get("Authorization") != f"Bearer {self._token}":
            return self._refused(401, 16, "invalid session: token signature is invalid", target)
        url = urlsplit(target)
        query = {key: values[0] for key, values in parse_qs(url.query, strict_parsing=True).items()}
        refresh = query.pop("refresh", "")
        is_legal = set(query) == {"appNamespace", "project"} and refresh in ("", "normal")
        if method != "GET" or not url.path.startswith(PATH) or not is_legal or headers.get("Accept") != _JSON:
            return self._refused(404, 5, "Not Found", f"{method} {target} {headers.get('Accept')}")
        return self._application(unquote(url.path.removeprefix(PATH)), query, bool(refresh))

    def _application(self, name: str, query: Mapping[str, str], refresh: bool) -> Answer:
        if refresh and name in self.applications:
            self.refresh(name)
        found = self.applications.get(name)
        place = {"appNamespace": query["appNamespace"], "project": query["project"]}
        if found is None or place != _place(found):
            return _error(404, 5, f'applications.argoproj.io "{name}" not found')
        return Answer(200, found)

    def _refused(self, status: int, code: int, message: str, fault: str) -> Answer:
        self.faults.append(fault)
        return _error(status, code, message)


_JSON = "application/json"


def _place(document: Document) -> dict[str, str]:
    return {"appNamespace": document["metadata"]["namespace"], "project": document["spec"]["project"]}


def _error(status: int, code: int, message: str) -> Answer:
    return Answer(status, {"error": message, "code": code, "message": message})


class _Handler(BaseHTTPRequestHandler):
    argocd: ArgoCDServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Answers requests of all methods alike."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        found = self.argocd.answer(self.command, self.path, dict(self.headers.items()))
        if not found.status:
            self.close_connection = True
            return
        content = found.body if isinstance(found.body, bytes) else json.dumps(found.body).encode()
        self.send_response(found.status)
        for name, value in (*found.headers, ("Content-Type", "application/json")):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

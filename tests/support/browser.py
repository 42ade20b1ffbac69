"""A real Chromium without a window, driven by the DevTools protocol over a pipe (`--remote-debugging-pipe`).

Protocol: https://chromedevtools.github.io/devtools-protocol/; messages are JSON, each ended by a zero byte; the browser
reads them from file descriptor 3 and writes them to 4.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import pytest

PROGRAMS = ("chromium-headless-shell", "chromium")
_OFFLINE_ROOT = Path("/etc/rules_release")
"""Is there in the root that bazelw prepares, which has the browser."""
_TIMEOUT_SECONDS = 60.0
_ABOVE = 10
"""File descriptors of this side are above those that the browser expects."""
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)


def program() -> str:
    """Returns the browser; skips the test where there is none, unless the offline root should have it."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None and _OFFLINE_ROOT.exists():
        pytest.fail(f"the offline root lacks {PROGRAMS[0]}")
    if found is None:
        pytest.skip(f"neither {' nor '.join(PROGRAMS)} is on PATH")
    return found


class Look(NamedTuple):
    """How a page is looked at."""

    width: int = 1280
    height: int = 800
    dark: bool = False
    media: str = "screen"
    now: int = 0
    """What the page's clock says, in seconds since 1970; 0: the time."""
    script: bool = True


DESK = Look()


class Page:
    """A page that is shown."""

    def __init__(self, browser: "Browser", session: str) -> None:
        """Is made by Browser.show."""
        self._browser, self._session = browser, session

    @property
    def requests(self) -> list[str]:
        """The addresses that the page has asked for, the page itself first."""
        events = self._browser.events("Network.requestWillBeSent", self._session)
        return [event["request"]["url"] for event in events]

    @property
    def complaints(self) -> list[str]:
        """What the page has written to the console, its errors, and what its policy has forbidden."""
        logged = [event["entry"]["text"] for event in self._browser.events("Log.entryAdded", self._session)]
        called = [str(event["args"]) for event in self._browser.events("Runtime.consoleAPICalled", self._session)]
        thrown = self._browser.events("Runtime.exceptionThrown", self._session)
        return [*logged, *called, *(str(event["exceptionDetails"]) for event in thrown)]

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Calls a method of the protocol."""
        return self._browser.call(method, parameters, self._session)

    def evaluate(self, expression: str) -> Any:
        """Returns the value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def resize(self, width: int, height: int) -> None:
        """Gives the window another size, in CSS pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)

    def press(self, key: str) -> None:
        """Presses a key, such as `Tab`."""
        codes = {"Tab": 9, "Enter": 13}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key])

    def screenshot(self) -> bytes:
        """Returns the whole page as a PNG."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(answer["data"])


class Browser:
    """One browser with a profile of its own; to be used as a context."""

    def __init__(self, folder: Path) -> None:
        """Starts the browser; `folder` is an empty one for its profile and its log."""
        self._events: list[dict[str, Any]] = []
        self._number = 0
        self._rest = b""
        from_us, self._to = _pipe()
        self._from, to_us = _pipe()
        options = [*_OPTIONS, f"--user-data-dir={folder / 'profile'}"]
        log = (os.POSIX_SPAWN_OPEN, 2, str(folder / "log"), os.O_WRONLY | os.O_CREAT, 0o600)
        joints = [(os.POSIX_SPAWN_DUP2, from_us, 3), (os.POSIX_SPAWN_DUP2, to_us, 4)]
        chosen = program()
        self._process = os.posix_spawn(
            chosen, [chosen, *options], _environment(folder), file_actions=[*joints, log], setpgroup=0
        )
        os.close(from_us)
        os.close(to_us)

    def __enter__(self) -> Self:
        """Is there already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the browser and all processes that it has started."""
        os.killpg(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._to)
        os.close(self._from)

    def show(self, address: str, look: Look = DESK) -> Page:
        """Opens a page in a tab of its own and waits until it is loaded."""
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.resize(look.width, look.height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if look.dark else "light"}
        page.call("Emulation.setEmulatedMedia", media=look.media, features=[scheme])
        page.call("Emulation.setScriptExecutionDisabled", value=not look.script)
        if look.now:
            page.call("Page.addScriptToEvaluateOnNewDocument", source=f"Date.now = () => {look.now * 1000};")
        page.call("Page.setLifecycleEventsEnabled", enabled=True)
        loader = page.call("Page.navigate", url=address)["loaderId"]
        self._until_loaded(session, loader)
        return page

    def call(self, method: str, parameters: Mapping[str, Any], session: str = "") -> dict[str, Any]:
        """Calls a method of the protocol and returns its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        os.write(self._to, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        while (answer := self._read()).get("id") != self._number:
            self._events.append(answer)
        assert "error" not in answer, f"{method}: {answer['error']}"
        result: dict[str, Any] = answer["result"]
        return result

    def events(self, method: str, session: str) -> list[dict[str, Any]]:
        """Returns what has happened so far of one kind."""
        found = (event for event in self._events if event.get("sessionId") == session)
        return [event["params"] for event in found if event["method"] == method]

    def _until_loaded(self, session: str, loader: str) -> None:
        loaded = {"loaderId": loader, "name": "load"}.items()
        while not any(loaded <= event.items() for event in self.events("Page.lifecycleEvent", session)):
            self._events.append(self._read())

    def _read(self) -> dict[str, Any]:
        """Returns the next message."""
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while b"\0" not in self._rest:
            ready = select.select([self._from], [], [], max(0.0, deadline - time.monotonic()))[0]
            assert ready, f"the browser has said nothing for {_TIMEOUT_SECONDS} s"
            received = os.read(self._from, 1 << 16)
            assert received, "the browser has ended"
            self._rest += received
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message


def _pipe() -> tuple[int, int]:
    """Returns a pipe's two ends, above those that the browser expects."""
    ends = os.pipe()
    high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _ABOVE) for end in ends)
    for end in ends:
        os.close(end)
    return high[0], high[1]


def _environment(folder: Path) -> dict[str, str]:
    """Returns an environment in which the browser has a home, and no session to talk to."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DBUS_", "DISPLAY", "XDG_"))}
    return {**kept, "HOME": str(folder), "TMPDIR": str(folder)}

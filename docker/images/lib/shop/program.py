"""The start and stop of a service: settings, `/health`, listening, signals, exit code."""

import os
import signal
import sys
from collections.abc import Callable, Mapping

from shop.messages import Answer, Request, json_answer
from shop.routing import Routes
from shop.server import Server, serving
from shop.settings import SettingError, Settings

_STOP = {signal.SIGTERM, signal.SIGINT}

Build = Callable[[Settings], Routes]


def run(service: str, build: Build, environ: Mapping[str, str] = os.environ) -> int:
    """Serves the routes that `build` makes of the settings, until SIGTERM or SIGINT.

    Returns:
        The exit code: 0 after a stop, 1 if the address cannot be had, 2 if a setting is missing or unusable.
    """
    # Blocked in every thread, so that only `sigwait` below takes them; this also holds for process 1 of a container.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)
    try:
        server = _server(service, build, Settings(environ))
    except SettingError as error:
        return _fail(service, str(error), 2)
    except OSError as error:
        return _fail(service, f"SHOP_LISTEN: cannot listen: {error.strerror}", 1)
    with serving(server):
        print(f"listening on {server.address}", file=sys.stderr, flush=True)
        signal.sigwait(_STOP)
    server.log("stopped")
    return 0


def _server(service: str, build: Build, settings: Settings) -> Server:
    version = settings.required("SHOP_VERSION", "the version that is deployed, such as 1.2.3")
    address = settings.address("SHOP_LISTEN", "0.0.0.0:8080")
    routes = build(settings)
    routes.add("GET", "/health", _health(service, version))
    return Server(service, routes, address)


def _health(service: str, version: str) -> Callable[[Request], Answer]:
    answer = json_answer({"status": "ok", "service": service, "version": version})
    return lambda _: answer


def _fail(service: str, message: str, code: int) -> int:
    print(f"shop_{service}: {message}", file=sys.stderr, flush=True)
    return code

"""Runs the registry for tests in other processes.

The first line on stdout is a JSON object with HOST:PORT of each listener. It runs until its standard input ends or it
is told to terminate; then the last line is a JSON object with the journal, the tags and the tag history.

    python3 -m tests.support.fault_registry --options '{"mounts": "session", "lag": {"tags": 2}}' --user me:pw --bearer
        --fault '{"action": "status", "arguments": {"code": 503, "retry_after": 1}, "method": "PUT", "nth": [1, 2]}'
"""

import argparse
import contextlib
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tests.support.fault_registry import actions, elsewhere, hostile
from tests.support.fault_registry.auth import BasicAuth, BearerAuth
from tests.support.fault_registry.options import Lag, Options
from tests.support.fault_registry.server import Auth, FaultRegistry


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a registry until standard input ends."""
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with FaultRegistry(_options(given.options), _auth(given), port=given.port) as registry:
        for fault in given.fault:
            _add(registry, json.loads(fault))
        with contextlib.suppress(KeyboardInterrupt):
            _say(registry.addresses)
            sys.stdin.buffer.read()
    _say(_report(registry))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fault_registry", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--port", type=int, default=0, help="the registry's port; a free one without it")
    parser.add_argument("--options", default="{}", metavar="JSON", help="fields of options.Options")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="JSON", help="an action and fields of faults.Match"
    )
    parser.add_argument("--user", default="", metavar="NAME:PASSWORD", help="asks for this user; by Basic")
    parser.add_argument("--bearer", action="store_true", help="asks for a bearer token of that user")
    parser.add_argument("--token-uses", type=int, help="how many requests a token is good for")
    return parser


def _options(text: str) -> Options:
    values = json.loads(text)
    return Options(**values | {"lag": Lag(**values.get("lag", {}))})


def _auth(given: argparse.Namespace) -> Auth | None:
    if not given.user:
        return None
    name, _, password = given.user.partition(":")
    return BearerAuth({name: password}, uses=given.token_uses) if given.bearer else BasicAuth({name: password})


def _add(registry: FaultRegistry, fault: dict[str, Any]) -> None:
    name, arguments = fault.pop("action"), fault.pop("arguments", {})
    maker = next(getattr(module, name) for module in (actions, elsewhere, hostile) if hasattr(module, name))
    registry.on(maker(**arguments), **fault)


def _report(registry: FaultRegistry) -> dict[str, object]:
    return {
        "requests": [record.document() for record in registry.journal.records],
        "tags": {repository: registry.state.tags(repository) for repository in registry.state.repositories},
        "history": [asdict(change) for change in registry.state.history],
    }


def _say(document: dict[str, Any]) -> None:
    print(json.dumps(document), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())

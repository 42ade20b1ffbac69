"""Runs a real CNCF distribution registry on loopback for a test."""

import http.client
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("docker-registry", "registry")
_CONFIG = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {storage}}}, delete: {{enabled: true}}}}
http: {{addr: 127.0.0.1:{port}, secret: test}}
"""


@contextmanager
def distribution(folder: Path) -> Iterator[str]:
    """Yields HOST:PORT of a registry that keeps its content in `folder`; it is stopped by its own handle."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise RuntimeError(
            "these tests need a CNCF distribution registry on PATH (Debian: apt-get install docker-registry)"
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "registry.yml"
    config.write_text(_CONFIG.format(storage=folder / "storage", port=port))
    process = subprocess.Popen([program, "serve", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_it_answers(process, port)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", port: int) -> None:
    while process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/v2/")
            with connection.getresponse() as answer:
                if answer.status == 200:
                    return
        except OSError:
            continue
        finally:
            connection.close()
    raise RuntimeError(f"the registry did not start: exit code {process.returncode}")

"""What the containers of the sample's chart run: the services with the rendered environment, and the chart's files."""

import os
import re
import runpy
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import pytest

from release_kit.values.yaml_source import read
from tests.support.helm import HELM_4, helm

ROOT = Path(__file__).parents[3]
CHART = ROOT / "helm" / "shop"
IMAGES = ROOT / "docker" / "images"
SERVICES = ("core", "datasvc", "web")
DEADLINE_SECONDS = 20
SECRETS = {"session-key": "a-key-that-only-tests-know", "users": '{"demo": "correct horse"}'}
"""The Secret that a user makes for core."""
DATA_FILE = IMAGES / "datasvc" / "shop_datasvc" / "shop.json"


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    command = [str(helm(HELM_4)), "template", "shop", str(CHART), "--kube-version", "1.31.0"]
    text = subprocess.run(
        [*command, "--set", "global.imageTag=v1.2.3"], capture_output=True, text=True, check=True
    ).stdout
    return [document.value for document in read(text) if document.value]


def named(objects: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    return next(each for each in objects if (each["kind"], each["metadata"]["name"]) == (kind, name))


def environment(objects: list[dict[str, Any]], container: dict[str, Any]) -> dict[str, str]:
    """Returns what a container's environment is once its Secrets are there."""
    found: dict[str, str] = {}
    for source in container.get("envFrom", []):
        found |= named(objects, "ConfigMap", source["configMapRef"]["name"])["data"]
    for each in container.get("env", []):
        found[each["name"]] = each["value"] if "value" in each else SECRETS[each["valueFrom"]["secretKeyRef"]["key"]]
    return found


def import_path() -> str:
    return os.pathsep.join([*(str(IMAGES / part) for part in ("lib", *SERVICES)), *filter(None, sys.path)])


@contextmanager
def serving(service: str, settings: dict[str, str]) -> Iterator[str]:
    """Runs a service on a free port and yields its address."""
    env = {**settings, "SHOP_LISTEN": "127.0.0.1:0", "PYTHONPATH": import_path(), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", f"shop_{service}"]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        guard = threading.Timer(DEADLINE_SECONDS, process.kill)
        guard.start()
        try:
            assert process.stderr
            line = process.stderr.readline()
            assert line.startswith("listening on "), line
            yield f"http://{line.removeprefix('listening on ').strip()}"
        finally:
            guard.cancel()
            process.kill()


def check(*services: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CHART / "files" / "check.py"), *services]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=DEADLINE_SECONDS, env={})


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_with_the_rendered_environment_and_tells_its_tag(
    service: str, objects: list[dict[str, Any]]
) -> None:
    pod = named(objects, "Deployment", f"shop-{service}")["spec"]["template"]["spec"]
    settings = environment(objects, pod["containers"][0])
    if "SHOP_DATA_FILE" in settings:
        settings["SHOP_DATA_FILE"] = str(DATA_FILE)
    with serving(service, settings) as address:
        done = check(f"{address}/health=1.2.3")
    assert (done.returncode, done.stderr) == (0, f"{address}/health: ok\n")


def test_the_check_fails_if_a_service_is_of_another_version_or_away() -> None:
    with serving("datasvc", {"SHOP_VERSION": "1.2.2"}) as address:
        other = check(f"{address}/health=1.2.2", f"{address}/health=1.2.3")
    assert other.returncode == 1
    assert [": ok" in line for line in other.stderr.splitlines()] == [True, False]
    assert "'version': '1.2.2'" in other.stderr
    assert check("http://127.0.0.1:1/health=1.2.3").returncode == 1


def test_the_migration_gets_the_data_of_datasvcs_image(objects: list[dict[str, Any]], tmp_path: Path) -> None:
    job = next(each for each in objects if each["kind"] == "Job")["spec"]["template"]["spec"]
    copy = next(container for container in job["initContainers"] if container["name"] == "copy-data")
    program = copy["args"][0].replace("/data/", f"{tmp_path}/")
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": import_path()})
    assert (tmp_path / "shop.json").read_bytes() == DATA_FILE.read_bytes()
    assert "`cat /data/shop.json`" in (CHART / "files" / "migrate.sql").read_text()


def test_files_are_run_from_where_they_are_mounted(objects: list[dict[str, Any]]) -> None:
    named_in_pods = set(re.findall(r"/etc/shop/([\w.]+)", str(objects)))
    assert named_in_pods == set(named(objects, "ConfigMap", "shop-files")["data"])
    assert named_in_pods == {path.name for path in (CHART / "files").iterdir()}


def test_tables_are_those_that_are_read() -> None:
    made = set(re.findall(r"create table if not exists (\w+)", (CHART / "files" / "migrate.sql").read_text()))
    assert made == set(re.findall(r"from (\w+) \w\)", (CHART / "files" / "read.sql").read_text()))


class Database:
    """Answers one SSLRequest as PostgreSQL does."""

    def __init__(self, folder: Path, answer: bytes = b"S") -> None:
        self.certificate, key = folder / "ca.crt", folder / "ca.key"
        request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        names = ["-subj", "/CN=db", "-addext", "subjectAltName=DNS:localhost"]
        files = ["-keyout", str(key), "-out", str(self.certificate)]
        subprocess.run([*request, *names, *files], check=True, capture_output=True)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(self.certificate, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._answer = answer
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.port = self._listener.getsockname()[1]
        self.request = b""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _serve(self) -> None:
        with self._listener, suppress(OSError):
            connection, _ = self._listener.accept()
            with connection:
                self.request = connection.recv(8)
                connection.sendall(self._answer)
                if self._answer == b"S":
                    with self._tls.wrap_socket(connection, server_side=True) as encrypted:
                        encrypted.recv(1)


def test_waiting_ends_when_the_database_answers_with_a_certificate_for_its_name(tmp_path: Path) -> None:
    command = [sys.executable, str(CHART / "files" / "wait_for_database.py")]
    with Database(tmp_path) as database:
        env = {"PGHOST": "localhost", "PGPORT": str(database.port), "PGSSLROOTCERT": str(database.certificate)}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, timeout=DEADLINE_SECONDS)
    assert (done.returncode, done.stderr) == (0, "")
    assert database.request == bytes.fromhex("00000008 04d2162f")


@pytest.mark.parametrize(
    ("host", "answer", "fault"),
    [("localhost", b"N", "no TLS is spoken there"), ("127.0.0.1", b"S", "not valid for '127.0.0.1'")],
)
def test_what_is_not_that_database_is_waited_for(host: str, answer: bytes, fault: str, tmp_path: Path) -> None:
    reach = runpy.run_path(str(CHART / "files" / "wait_for_database.py"))["reach"]
    with Database(tmp_path, answer) as database, pytest.raises(OSError, match=fault):
        reach(host, database.port, str(database.certificate))


def test_what_is_not_there_is_waited_for() -> None:
    reach = runpy.run_path(str(CHART / "files" / "wait_for_database.py"))["reach"]
    with pytest.raises(ConnectionRefusedError):
        reach("127.0.0.1", 1, None)

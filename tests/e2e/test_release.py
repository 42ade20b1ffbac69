"""The sample's release from the build to running processes, each step checked with tools that are not ours."""

import io
import json
import re
import shlex
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rehearsal.containers import pull, run, started
from rehearsal.real_registry import DISTRIBUTION_2, real_registry
from release_kit.cli.app import main
from tests.support import releases

VERSION = "1.2.3"
IMAGES = {"shop/core": "core", "shop/datasvc": "datasvc", "shop/web": "web"}
SETTINGS = {
    "SHOP_VERSION": VERSION,
    "SHOP_SESSION_KEY": "0123456789abcdef0123456789abcdef",
    "SHOP_USERS": '{"demo": "correct horse"}',
}


@dataclass(frozen=True)
class Released:
    """A release in a real registry that is still up."""

    record: dict[str, Any]
    narration: str

    @property
    def host(self) -> str:
        return str(self.record["registry"])


@pytest.fixture(name="released", scope="module")
def released_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Released]:
    """The sample's release."""
    folder = tmp_path_factory.mktemp("release")
    record = folder / "record.json"
    status = str(releases.write_status(folder, VERSION))
    with real_registry(DISTRIBUTION_2, folder) as host:
        arguments = [
            "push",
            "release/push.set.json",
            "--registry",
            host,
            "--status-file",
            status,
            "--record",
            str(record),
        ]
        with redirect_stderr(io.StringIO()) as narration:
            assert main(arguments) == 0
        yield Released(json.loads(record.read_text()), narration.getvalue())


def built_digest(name: str) -> str:
    """Returns what Bazel's own target says of an image."""
    return Path(f"docker/images/{name}.json.sha256").read_text().strip()


def expected_tags(digest: str) -> set[str]:
    return {f"sha-{releases.COMMIT}", f"v{VERSION}", "latest", f"sha-{digest[7:19]}"}


@pytest.mark.parametrize("repository", IMAGES)
def test_independent_readers_find_every_tag_on_the_digest_that_was_built(released: Released, repository: str) -> None:
    digest = built_digest(IMAGES[repository])
    where = f"{released.host}/{repository}"
    assert set(run("crane", "ls", where).split()) == expected_tags(digest)
    for tag in expected_tags(digest):
        assert run("crane", "digest", f"{where}:{tag}") == digest
        assert run("oras", "resolve", "--plain-http", f"{where}:{tag}") == digest
        inspect = ["skopeo", "inspect", "--tls-verify=false", "--no-tags", "--format", "{{.Digest}}"]
        assert run(*inspect, f"docker://{where}:{tag}") == digest


def test_the_line_that_shows_how_to_look_at_it_works(released: Released) -> None:
    line = re.search("look at it: (.*)", released.narration)
    assert line is not None
    assert f"v{VERSION}" in run(*shlex.split(line[1])).split()


@pytest.mark.parametrize("repository", IMAGES)
def test_the_record_says_what_is_there(released: Released, repository: str) -> None:
    image = next(image for image in released.record["images"] if image["repository"] == repository)
    assert image["digest"] == built_digest(IMAGES[repository])
    assert {*image["immutable_tags"], *image["moving_tags"]} == expected_tags(image["digest"])


def test_the_index_offers_both_platforms(released: Released, tmp_path: Path) -> None:
    index = json.loads(run("crane", "manifest", f"{released.host}/shop/web:v{VERSION}"))
    platforms = {(child["platform"]["os"], child["platform"]["architecture"]) for child in index["manifests"]}
    assert platforms == {("linux", "amd64"), ("linux", "arm64")}
    arm = pull(f"{released.host}/shop/web:v{VERSION}", tmp_path, "arm64")
    assert (arm.rootfs / "app" / "shop_web" / "__main__.py").is_file()


def test_the_released_images_run_as_the_shop(released: Released, tmp_path: Path) -> None:
    bundles = {name: pull(f"{released.host}/shop/{name}:v{VERSION}", tmp_path / name) for name in IMAGES.values()}
    with (
        started(bundles["datasvc"], SETTINGS) as datasvc,
        started(bundles["core"], SETTINGS | {"SHOP_DATASVC_URL": f"http://{datasvc}"}) as core,
        started(bundles["web"], SETTINGS | {"SHOP_CORE_URL": f"http://{core}"}) as web,
    ):
        for name, address in (("datasvc", datasvc), ("core", core), ("web", web)):
            assert fetch(f"http://{address}/health") == {"status": "ok", "service": name, "version": VERSION}
        token = fetch(f"http://{web}/api/login", {"user": "demo", "password": "correct horse"})["token"]
        assert fetch(f"http://{web}/api/products?limit=3", token=token)["products"]
        with pytest.raises(urllib.error.HTTPError) as caught:
            fetch(f"http://{web}/api/login", {"user": "demo", "password": "wrong"})
        with caught.value as answer:
            assert answer.code == 401


def fetch(url: str, body: object = None, token: str = "") -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
        assert answer.status == 200
        return json.load(answer)

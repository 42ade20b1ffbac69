"""Threat: what our environment holds reaches a program that has no need of it."""

from pathlib import Path

import pytest

from release_kit.adapters.helm import LocalHelm
from release_kit.adapters.local_registry import LocalRegistry
from release_kit.adapters.registry import credentials
from release_kit.errors import ReleaseError
from release_kit.values.helm_call import HelmCall
from release_kit.values.own_variables import REMOTE_CACHE, REMOTE_CACHE_AUTHORIZATION
from tests.support.secret_search import found, secret
from tests.support.signing import script


def test_helm_gets_nothing_of_its_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chart's templates may look up the environment where somebody lets them: there is nothing to find."""
    for name in ("GITHUB_TOKEN", "HELM_KUBETOKEN", "KUBECONFIG", "DOCKER_CONFIG", "PYTHONPATH", "HOME"):
        monkeypatch.setenv(name, secret(name))
    program = script(tmp_path, "helm", "import os\nprint(dict(os.environ))")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    said = LocalHelm(program, scratch).template(HelmCall(tmp_path, "shop", "demo", "1.31.0")).text
    assert f"'HOME': '{scratch}'" in said
    assert "'KUBECONFIG': '/dev/null'" in said
    assert not found(said)
    assert "PYTHONPATH" not in said


@pytest.fixture(name="settled")
def settled_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build's remote cache in the environment, and no program on PATH but those of the test."""
    for name in (REMOTE_CACHE, REMOTE_CACHE_AUTHORIZATION):
        monkeypatch.setenv(name, f"Bearer {secret('cache')}")
    monkeypatch.setenv("KEPT", "kept")
    monkeypatch.setenv("PATH", str(tmp_path))


TELL = "import os, pathlib\npathlib.Path(__file__ + '.told').write_text(repr(dict(os.environ)))\n"


@pytest.mark.usefixtures("settled")
def test_a_private_registry_is_not_told_who_we_are(tmp_path: Path) -> None:
    program = script(tmp_path, "docker-registry", TELL)
    with pytest.raises(ReleaseError, match="did not start"):
        LocalRegistry(tmp_path / "state").ensure()
    told = Path(f"{program}.told").read_text()
    assert "'KEPT': 'kept'" in told
    assert not found(told)


@pytest.mark.usefixtures("settled")
def test_a_credential_helper_is_not_told_who_we_are_elsewhere(tmp_path: Path) -> None:
    program = script(tmp_path, "docker-credential-test", f"{TELL}sys.exit(1)")
    (tmp_path / "config.json").write_text('{"credsStore": "test"}')
    credentials.find("ghcr.io", {"DOCKER_CONFIG": str(tmp_path)})
    told = Path(f"{program}.told").read_text()
    assert "'KEPT': 'kept'" in told
    assert not found(told)

"""Threat: what our environment holds reaches a program that has no need of it."""

from pathlib import Path

import pytest

from release_kit.adapters.helm import LocalHelm
from release_kit.values.helm_call import HelmCall
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

"""What of a released chart comes into an environment's branch, and which charts are refused."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.git_server import GitServer
from rehearsal.real_registry import DISTRIBUTION_3, real_registry
from release_kit.documents import hydrator_metadata
from release_kit.documents.hydrator_metadata import HydratorMetadata
from release_kit.engines.gates.objects import objects
from release_kit.engines.promotion.manifests import file_name, secrets, split
from release_kit.errors import InputError
from tests.support import deployments
from tests.support.deployments import Deployment
from tests.support.fault_registry import FaultRegistry, actions
from tests.support.helm import HELM_3, helm

NEXT = "environment/demo-next"
SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deployments.own_settings(tmp_path, monkeypatch)


@pytest.fixture(name="registry")
def registry_fixture() -> Iterator[FaultRegistry]:
    with FaultRegistry() as registry:
        yield registry


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path, registry: FaultRegistry) -> Iterator[Deployment]:
    with GitServer(tmp_path / "git") as server:
        yield Deployment(tmp_path, registry.host, server, environments=[{"name": "demo"}])


def add(shop: Deployment, path: str, text: str) -> None:
    """Adds a file to the chart and releases it."""
    (shop.work.chart / path).write_text(text)
    shop.release()


def name_of(**value: Any) -> str:
    """Returns the file name of an object, in the namespace `demo`."""
    (each,) = objects(json.dumps(value))
    return file_name(each, "demo")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}, "service-web"),
        ({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a.b-c"}}, "deployment-a.b-c"),
        ({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "x"}}, "ingress-x"),
        ({"apiVersion": "shop.example/v1", "kind": "Cart", "metadata": {"name": "x"}}, "cart.shop.example-x"),
        ({"kind": "Role", "metadata": {"name": "x", "namespace": "demo"}}, "role-x"),
        ({"kind": "Role", "metadata": {"name": "x", "namespace": "other"}}, "other.role-x"),
        ({"kind": "Job", "metadata": {"generateName": "once-"}}, "job-once-"),
        ({"kind": "List"}, "list-unnamed"),
        ({"metadata": {"name": "x"}}, "object-x"),
        ({"metadata": "x", "apiVersion": 7, "kind": []}, "object-unnamed"),
    ],
)
def test_a_file_is_called_as_its_object(value: dict[str, Any], expected: str) -> None:
    assert name_of(**value) == expected


@pytest.mark.parametrize("name", ["../../x", "system:reader", "a/b", "x\n", "UPPER", "ü" * 300, "x" * 300, "-", ".."])
def test_names_that_no_file_should_have_get_a_legal_one_of_their_own(name: str) -> None:
    made = name_of(kind="Role", metadata={"name": name})
    assert made.startswith("role-")
    assert not {*made} - {*"abcdefghijklmnopqrstuvwxyz0123456789.-"}
    assert len(made) <= 210
    assert made != name_of(kind="Role", metadata={"name": name.replace(":", "/") + "x"})


def test_two_objects_of_one_name_are_two_files() -> None:
    text = "kind: Role\nmetadata: {name: x}\n"
    third = "kind: Role\nmetadata: {name: x-2}\n"
    made = split(f"---\n{text}---\n{text}a: 1\n---\n{third}", "demo")
    assert made == {
        "role-x.yaml": text.encode(),
        "role-x_2.yaml": f"{text}a: 1\n".encode(),
        "role-x-2.yaml": third.encode(),
    }


def test_a_file_has_the_object_as_it_was_rendered_without_its_template() -> None:
    own = "# About it.\nkind: Role # so\nmetadata: {name: x}\n"
    text = f"---\n# Source: shop/templates/x.yaml\n{own}\n\n---\n# Source: x/y\n"
    assert split(text, "demo") == {"role-x.yaml": own.encode()}


def test_tests_of_the_chart_are_left_out_and_other_hooks_stay() -> None:
    hooks = {"a": "test", "b": "test-success, test-failure", "c": "pre-install", "d": "test,post-install"}
    text = "".join(
        f"---\nkind: Pod\nmetadata: {{name: {name}, annotations: {{helm.sh/hook: '{hook}'}}}}\n"
        for name, hook in hooks.items()
    )
    assert [*split(text, "demo")] == ["pod-c.yaml", "pod-d.yaml"]


def test_what_is_no_yaml_is_refused() -> None:
    with pytest.raises(InputError, match="the chart renders no YAML"):
        split("a: [", "demo")


def test_secrets_are_found() -> None:
    names = ["secret-a.yaml", "other.secret-b.yaml", "secretstore.x-c.yaml", "configmap-secret-x.yaml"]
    assert secrets(dict.fromkeys(names, b"kind: Secret\n")) == ["other.secret-b.yaml", "secret-a.yaml"]


@pytest.mark.parametrize("kind", [b"- kind: Secret\n", b'{"kind": "Secret"}', b"- apiVersion: v1\n  kind: 'Secret'\n"])
def test_secrets_in_lists_are_found(kind: bytes) -> None:
    assert secrets({"list-unnamed.yaml": kind}) == ["list-unnamed.yaml"]
    assert secrets({"list-unnamed.yaml": b"- kind: SecretStore\n", "x-y.yaml": kind}) == []


def test_metadata_is_written_as_argo_cd_does() -> None:
    made = HydratorMetadata(SHA, "https://host/x", "Jö <jo@example.com>", 1700000000, "A & B", "")
    assert made.to_json() == (
        '{\n  "repoURL": "https://host/x",\n  "drySha": "' + SHA + '",\n  "author": "Jö <jo@example.com>",\n'
        '  "date": "2023-11-14T22:13:20Z",\n  "subject": "A & B"\n}\n'
    )
    assert hydrator_metadata.parse(made.to_json().encode(), "x") == made


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("2024-01-15T10:30:00Z", 1705314600),
        ("2024-01-15T11:30:00+01:00", 1705314600),
        ("2024-01-15T10:30:00", 1705314600),
    ],
)
def test_metadata_of_other_hydrators_is_read(date: str, seconds: int) -> None:
    document = {"drySha": SHA, "date": date, "commands": ["x"], "references": [{"commit": {"sha": SHA}}]}
    assert hydrator_metadata.parse(json.dumps(document).encode(), "x").time == seconds


@pytest.mark.parametrize("content", [None, b"", b"x", b"[]", b'{"drySha": "x"}', b'{"x": 1}'])
def test_notes_that_name_no_commit_are_none(content: bytes | None) -> None:
    assert hydrator_metadata.noted(content) == ""
    assert hydrator_metadata.noted(hydrator_metadata.note(SHA)) == SHA


def test_a_chart_that_renders_by_chance_is_refused(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    add(shop, "templates/random.yaml", "kind: ConfigMap\nmetadata: {name: x}\ndata: {x: {{ randAlphaNum 9 }}}\n")
    before = shop.refs()
    assert shop.hydrate() == 1
    assert "demo: two renderings of the chart differ in configmap-x.yaml" in capsys.readouterr().err
    assert shop.refs() == before


def test_values_that_render_by_chance_are_refused(
    shop: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(shop, "templates/word.yaml", "kind: ConfigMap\nmetadata: {name: x}\ndata: {x: {{ tpl .Values.word . }}}\n")
    (tmp_path / "own.yaml").write_text("word: '{{ randAlphaNum 9 }}'\n")
    shop.declare(environments=[{"name": "demo", "values": ["own.yaml"]}])
    assert shop.hydrate() == 1
    assert "demo: two renderings of the chart differ in configmap-x.yaml" in capsys.readouterr().err


def test_a_chart_is_told_the_clusters_version_and_the_namespace(shop: Deployment) -> None:
    where = "{{ .Capabilities.KubeVersion.Version }} {{ .Release.Namespace }}"
    add(shop, "templates/where.yaml", f"kind: ConfigMap\nmetadata: {{name: x}}\ndata: {{x: {where}}}\n")
    shop.declare(environments=[{"name": "demo", "namespace": "shop-demo", "kube_version": "1.29.3"}])
    assert shop.hydrate() == 0
    assert "x: v1.29.3 shop-demo" in shop.show(NEXT, "manifests/configmap-x.yaml")


def test_a_chart_that_does_not_render_is_refused(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    add(shop, "templates/needs.yaml", "x: {{ required `say x` .Values.x }}\n")
    assert shop.hydrate() == 2
    err = capsys.readouterr().err
    assert "demo: the chart does not render: templates/needs.yaml: " in err
    assert "say x" in err


def test_values_that_the_packed_chart_lacks_are_refused(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    shop.release()
    shop.declare(environments=[{"name": "demo", "value_files": ["../../etc/passwd"]}])
    assert shop.hydrate() == 2
    assert "demo: value_files: the packed chart has no '../../etc/passwd'" in capsys.readouterr().err


def test_values_that_are_none_are_refused_by_the_users_own_path(
    shop: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.release()
    shop.declare(environments=[{"name": "demo", "values": ["none.yaml"]}])
    assert shop.hydrate() == 2
    assert f"{tmp_path}/none.yaml: can't be read" in capsys.readouterr().err


def test_a_secret_in_the_chart_is_told(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    add(shop, "templates/secret.yaml", "kind: Secret\nmetadata: {name: x}\nstringData: {x: y}\n")
    assert shop.hydrate() == 0
    assert "demo: whoever reads the repository can read secret-x.yaml" in capsys.readouterr().err


def test_another_chart_than_the_released_one_is_refused(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    shop.release()
    shop.declare(environments=[{"name": "demo"}], chart={"registry": shop.host, "name": "other"})
    assert shop.hydrate() == 2
    assert "shop 1.2.3 has no chart charts/other; its charts: charts/shop" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["/manifests/", "/blobs/"])
def test_content_that_is_not_what_its_digest_says_is_refused(
    shop: Deployment, registry: FaultRegistry, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.release()
    before = shop.refs()
    registry.on(actions.captive_portal(), "GET", f"charts/shop{path}")
    assert shop.hydrate() == 1
    assert shop.refs() == before
    assert "/charts/shop@sha256:" in (err := capsys.readouterr().err)
    assert "expected content with the digest sha256:" in err


def test_helm_3_hydrates_too(shop: Deployment) -> None:
    shop.release()
    assert shop.hydrate("--helm", str(helm(HELM_3))) == 0
    before = shop.refs()
    assert shop.hydrate() == 0
    assert shop.refs() == before, "both render the same"


def test_a_real_registry_has_the_chart(tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    folder.mkdir()
    with real_registry(DISTRIBUTION_3, folder) as host, GitServer(tmp_path / "git") as server:
        shop = Deployment(tmp_path, host, server, environments=[{"name": "demo"}], record_repository="records")
        shop.release(record_repository="records")
        assert shop.hydrate("--release", "1.2.3") == 0
        assert "manifests/pod-shop.yaml" in shop.files(NEXT)

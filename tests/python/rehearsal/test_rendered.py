"""What of a rendered chart runs as processes, and with which settings."""

import pytest

from rehearsal.rendered import Rendered, UnreadableError, read

DIGEST = "sha256:" + "a" * 64
CHART = f"""
kind: ConfigMap
metadata: {{name: settings}}
data: {{CORE_URL: http://core, SECONDS: "60"}}
---
kind: Deployment
metadata: {{name: core}}
spec:
  replicas: 2
  template:
    metadata: {{labels: {{part: core, of: shop}}}}
    spec:
      initContainers: [{{name: wait}}]
      volumes: [{{name: data, emptyDir: {{}}}}, {{name: files, configMap: {{name: settings}}}}]
      containers:
        - image: "host/core:v1@{DIGEST}"
          envFrom: [{{configMapRef: {{name: settings}}}}]
          env:
            - {{name: KEY, valueFrom: {{secretKeyRef: {{name: own, key: key}}}}}}
            - {{name: DATA, value: /data/shop.json}}
            - {{name: FILES, value: /files/x}}
          volumeMounts: [{{name: data, mountPath: /data}}, {{name: files, mountPath: /files}}]
          readinessProbe: {{httpGet: {{path: /health}}}}
---
kind: Service
metadata: {{name: shop-core}}
spec: {{selector: {{part: core}}}}
---
kind: Ingress
metadata: {{name: outside}}
spec: {{rules: [{{http: {{paths: [{{backend: {{service: {{name: shop-core}}}}}}]}}}}]}}
---
kind: CronJob
metadata: {{name: check}}
---
kind: Widget
metadata: {{name: gadget}}
"""
SECRETS = {"own": {"key": "the key"}}


def rendered(text: str = CHART) -> Rendered:
    return read(text, SECRETS)


def test_settings_come_from_config_maps_secrets_and_values() -> None:
    (core,) = rendered().deployments
    assert dict(core.environment) == {
        "CORE_URL": "http://core",
        "SECONDS": "60",
        "KEY": "the key",
        "FILES": "/files/x",
    }
    assert (core.replicas, core.probe, core.arguments) == (2, "/health", ())


def test_what_init_containers_would_write_is_not_named() -> None:
    (core,) = rendered().deployments
    assert core.left_out[0] == "init container wait"
    assert core.left_out[1].startswith("DATA, ")
    whole = CHART.replace("initContainers: [{name: wait}]", "")
    (core,) = rendered(whole).deployments
    assert dict(core.environment)["DATA"] == "/data/shop.json"
    assert core.left_out == ()


def test_a_service_leads_to_the_pods_that_it_selects() -> None:
    found = rendered()
    (service,) = found.services
    assert service.selects(found.deployments[0])
    assert not service._replace(selector={"part": "web"}).selects(found.deployments[0])
    assert found.outside == "shop-core"


def test_what_does_not_run_is_named() -> None:
    assert rendered().not_run == ("CronJob check: no clock runs here", "Widget gadget: nothing here runs it")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (f"@{DIGEST}", "", "expected an image by digest, found host/core:v1"),
        ("name: own, key: key", "name: own, key: other", "Secret own has no key other"),
        ("name: own, key: key", "name: none, key: key", "there is no Secret none"),
        ("secretKeyRef: {name: own, key: key}", "fieldRef: {fieldPath: x}", "found fieldRef"),
        ('        - image: "host', '        - image: first\n        - image: "host', "one container, found 2"),
    ],
)
def test_what_can_not_be_run_is_refused(before: str, after: str, told: str) -> None:
    assert before in CHART
    with pytest.raises(UnreadableError, match=told):
        rendered(CHART.replace(before, after))

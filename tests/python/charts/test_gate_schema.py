"""The gate schema: what Kubernetes would refuse or drop is found, on its line."""

from pathlib import Path

import pytest

from tests.support.charts import Shop
from tests.support.helm import BOTH


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def schema(shop: Shop, *arguments: str) -> list[tuple[str, str]]:
    report = shop.gate("--gates", "schema", "--values", "values.yaml", *arguments)
    assert report.code == int(bool(report.findings)), report.err
    return [(f"{each['file']}:{each['line']}", f"{each['message']} / {each['remedy']}") for each in report.findings]


@pytest.mark.parametrize("major", BOTH)
def test_the_good_chart_has_no_finding(shop: Shop, major: str) -> None:
    report = shop.gate("--gates", "schema", major=major)
    assert (report.code, report.findings) == (0, []), report.err


CORE, DATABASE = "templates/core.yaml", "templates/database.yaml"
FAULTS = [
    (CORE, "apps/v1", "apps/v2", 1, "no API version apps/v2"),
    (CORE, "apps/v1", "extensions/v1beta1", 1, "no API version extensions/v1beta1"),
    (CORE, "kind: Deployment", "kind: Deploymnt", 2, "did you mean Deployment?"),
    (CORE, "kind: Deployment", "kind: Job", 2, "it is in batch/v1"),
    (CORE, "  replicas:", "  replica:", 8, "'replica' is not known here / did you mean replicas?"),
    (CORE, "{{ .Values.replicas }}", '"2"', 8, 'expected integer, found the string "2"'),
    (CORE, "containerPort: 8080", "containerPort: http", 31, "expected integer"),
    (CORE, "containerPort: 8080", "containerPort: 80800", 31, "from 1 to 65535"),
    (CORE, 'value: "8080"', "value: 8080", 28, "expected string, found the number 8080"),
    (CORE, 'value: "8080"', "value: yes", 28, "expected string, found true or false true"),
    (
        CORE,
        "name: PORT\n",
        'name: PORT\n              value: "1"\n            - name: PORT\n',
        29,
        "name 'PORT' stands twice",
    ),
    (CORE, "- name: cache", "- name: core", 32, "name 'core' stands twice"),
    (CORE, "  name: core\n  labels", "  name: Core\n  labels", 4, "lowercase"),
    (CORE, "matchLabels:\n      app: core", "matchLabels:\n      app: cor", 11, "the pods have 'core'"),
    (
        CORE,
        "containers:\n        - name: core",
        "container:\n        - name: core",
        22,
        "'container' is not known here",
    ),
    (
        CORE,
        "          command:",
        "          volumeMounts: [{name: none-such, mountPath: /x}]\n          command:",
        21,
        "volume 'none-such'",
    ),
    (
        CORE,
        "          command:",
        "          livenessProbe: {httpGet: {port: web}}\n          command:",
        21,
        "port 'web'",
    ),
    (
        CORE,
        "          command:",
        "          resources: {limits: {memory: 128Mb}}\n          command:",
        21,
        "a quantity",
    ),
    (DATABASE, "instances: 1", "instance: 1", 6, "did you mean instances?"),
    (DATABASE, "instances: 1", "instances: one", 6, "expected integer"),
    (DATABASE, "instances: 1", "instances: 0", 6, "minimum"),
    (DATABASE, "cnpg.io/v1", "cnpg.io/v2", 1, "the CRDs have no postgresql.cnpg.io/v2 Cluster"),
    (DATABASE, "kind: Cluster", "kind: Clusters", 2, "the CRDs have no postgresql.cnpg.io/v1 Clusters"),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "said"), FAULTS, ids=[fault[2][:40] for fault in FAULTS])
def test_a_fault_is_found_on_its_line(shop: Shop, file: str, old: str, new: str, line: int, said: str) -> None:
    shop.replace(file, old, new, 1)
    found = schema(shop)
    assert any(said in text for _, text in found), found
    places = [place for place, text in found if said in text]
    assert not line or f"{file}:{line}" in places, found


def test_an_object_that_is_rendered_twice_is_found(shop: Shop) -> None:
    shop.write("templates/again.yaml", "apiVersion: apps/v1\n" + (shop.folder / CORE).read_text().partition("\n")[2])
    assert [text.partition(" /")[0] for _, text in schema(shop)] == [
        "is rendered twice: templates/again.yaml makes it, too"
    ]


def test_a_kind_without_a_schema_is_named_and_not_counted(shop: Shop) -> None:
    (shop.folder / "crds/cluster.yaml").unlink()
    report = shop.gate("--gates", "schema", "--values", "values.yaml")
    assert report.code == 0
    assert report.document["gates"][0]["notes"] == ["no schema for postgresql.cnpg.io/v1 Cluster: name CRDs in `crds`"]


def test_a_run_that_validated_nothing_fails(shop: Shop) -> None:
    (shop.folder / "crds/cluster.yaml").unlink()
    (shop.folder / CORE).unlink()
    ((_, text),) = schema(shop)
    assert text.startswith("no object was validated: postgresql.cnpg.io/v1 Cluster have no schema")


def test_definitions_may_lie_outside_the_chart(shop: Shop, tmp_path: Path) -> None:
    (shop.folder / "crds/cluster.yaml").rename(tmp_path / "cluster.yaml")
    shop.gates["crds"] = ["cluster.yaml"]
    shop.replace(DATABASE, "instances: 1", "instances: one")
    assert len(schema(shop)) == 1


def test_a_definition_that_is_rendered_is_a_definition(shop: Shop) -> None:
    (shop.folder / "crds/cluster.yaml").rename(shop.folder / "templates/crd.yaml")
    shop.replace(DATABASE, "instances: 1", "instances: one")
    assert len(schema(shop)) == 1


def test_a_release_without_schemas_is_bad_input(shop: Shop) -> None:
    shop.gates["kube_version"] = "1.12.0"
    report = shop.gate("--gates", "schema")
    assert (report.code, "there are those of 1." in report.err) == (2, True)


def test_what_a_newer_release_took_out_is_found(shop: Shop) -> None:
    budget = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata:\n  name: a\nspec:\n  minAvailable: 1\n"
    shop.write("templates/budget.yaml", budget)
    ((place, text),) = schema(shop)
    assert (place, "PodDisruptionBudget is in policy/v1" in text) == ("templates/budget.yaml:1", True)


LIMITS = [
    (
        "          command:",
        "          livenessProbe: {httpGet: {port: 80}, exec: {command: [a]}}\n          command:",
        "has several of exec",
    ),
    (
        "              containerPort: 8080",
        "              containerPort: 8080\n            - {name: http, containerPort: 81}",
        "another port is 'http', too",
    ),
    (
        "      initContainers:",
        "      terminationGracePeriodSeconds: -1\n      initContainers:",
        "expected 0 or more, found -1",
    ),
    (
        "      initContainers:",
        "      volumes: [{name: a, emptyDir: {}, configMap: {name: b}}]\n      initContainers:",
        "has several sources: configMap, emptyDir",
    ),
    (
        "      initContainers:",
        "      tolerations: [{operator: Exists, value: a}]\n      initContainers:",
        "the operator is Exists",
    ),
    (
        "  replicas:",
        "  strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}\n  replicas:",
        "the strategy is Recreate",
    ),
    ("          command:", "          livenessProbe: {periodSeconds: 5}\n          command:", "it probes nothing"),
    ('value: "8080"', 'value: "8080"\n              valueFrom: {fieldRef: {fieldPath: a}}', "both value and valueFrom"),
    ("- name: PORT", "- name: MY PORT", "is no name of a variable"),
    ("{{ .Values.replicas }}", "-1", "expected 0 or more, found -1"),
    (
        "          command:",
        "          resources: {requests: {memory: 1Gi}, limits: {memory: 512Mi}}\n          command:",
        "requests 1Gi, and the limit is 512Mi",
    ),
]
OBJECTS = {
    "expected base64": "kind: Secret\ndata:\n  a: not base64!\n",
    "expected letters": "kind: ConfigMap\ndata:\n  a b: c\n",
    "has no name, and the Service": "kind: Service\nspec:\n  ports:\n    - port: 80\n    - {port: 81, name: b}\n",
}


@pytest.mark.parametrize(("old", "new", "said"), LIMITS, ids=[limit[2] for limit in LIMITS])
def test_what_the_server_refuses_in_a_workload_is_found(shop: Shop, old: str, new: str, said: str) -> None:
    shop.replace(CORE, old, new, 1)
    assert [said in text for _, text in schema(shop)] == [True]


@pytest.mark.parametrize("said", OBJECTS)
def test_what_the_server_refuses_in_an_object_is_found(shop: Shop, said: str) -> None:
    shop.write("templates/more.yaml", f"apiVersion: v1\nmetadata:\n  name: more\n{OBJECTS[said]}")
    assert [said in text for _, text in schema(shop)] == [True]


def test_a_definition_with_no_legal_schema_is_bad_input(shop: Shop) -> None:
    shop.replace("crds/cluster.yaml", "type: integer", "type: objekt")
    report = shop.gate("--gates", "schema", "--values", "values.yaml")
    assert (report.code, "postgresql.cnpg.io/v1 Cluster has no legal schema" in report.err) == (2, True)


@pytest.mark.parametrize("schedule", ["75 3 * * *", "0 24 * * *", "* * * *", "0 0 32 * *"])
def test_a_schedule_that_never_comes_is_found(shop: Shop, schedule: str) -> None:
    job = (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec:\n  schedule: SCHEDULE\n  jobTemplate: {spec: "
    )
    pod = "{template: {spec: {restartPolicy: Never, containers: [{name: a, image: b}]}}}}\n"
    shop.write("templates/job.yaml", (job + pod).replace("SCHEDULE", f'"{schedule}"'))
    assert ["five fields" in text for _, text in schema(shop)] == [True]
    shop.write("templates/job.yaml", (job + pod).replace("SCHEDULE", '"*/75 0-23/2 1,15 * 7"'))
    assert schema(shop) == []


SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: core\nspec:\n  selector:\n    app: core\n"
INGRESS = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: core\nspec:\n  rules:\n    - http:\n"
PATHS = (
    "        paths:\n          - path: /\n            pathType: Prefix\n            backend:\n              service:\n"
)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("targetPort: http", "targetPort: web", "templates/service.yaml:11", "the selected pods have no port 'web'"),
        ("app: core", "app: coer", "templates/service.yaml:7", "selects no pod: Deployment core has 'core'"),
        ("number: 80", "number: 81", "templates/service.yaml:27", "Service core has no port 81"),
        ("name: core # back", "name: cora # back", "templates/service.yaml:26", "no Service 'cora', but 'core'"),
    ],
)
def test_a_reference_that_misses_is_found(shop: Shop, old: str, new: str, line: str, said: str) -> None:
    ports = "  ports:\n    - name: http\n      port: 80\n      targetPort: http\n"
    backend = "                name: core # back\n                port:\n                  number: 80\n"
    text = SERVICE + ports + "---\n" + INGRESS + PATHS + backend
    shop.write("templates/service.yaml", text)
    assert schema(shop) == []
    shop.write("templates/service.yaml", text.replace(old, new))
    ((place, message),) = schema(shop)
    assert said in message, message
    assert place.partition(":")[0] == line.partition(":")[0]


def test_what_somebody_else_makes_may_be_named(shop: Shop) -> None:
    shop.write(
        "templates/service.yaml", SERVICE.replace("app: core", "cnpg.io/cluster: shop-db") + "  ports: [{port: 1}]\n"
    )
    assert schema(shop) == []


def test_equal_amounts_in_other_units_are_equal(shop: Shop) -> None:
    resources = "resources: {requests: {memory: 1024Mi, cpu: 500m}, limits: {memory: 1Gi, cpu: 0.5}}"
    shop.replace(CORE, "          command:", f"          {resources}\n          command:", 1)
    assert schema(shop) == []

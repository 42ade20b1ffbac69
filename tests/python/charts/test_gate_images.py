"""Image policy and image set: whatever names an image is found, and is told."""

from pathlib import Path

import pytest

from tests.support.charts import DEPLOYMENT, Shop
from tests.support.helm import BOTH

PINNED = "ghcr.io/acme/shop/core:v1.2.3"
HELPER = '{{ include "shop.image" . | quote }}'
POLICY = "{{ .Values.global.imagePullPolicy }}"

CRON_JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: IMAGE
              imagePullPolicy: POLICY
"""
PROMETHEUS = """\
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata:
  name: shop
spec:
  image: IMAGE
  imagePullPolicy: POLICY
"""
CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: jobs
data:
  runner.yaml: |
    image: IMAGE
    name: runner
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def policy(shop: Shop) -> list[tuple[str, int, str]]:
    report = shop.gate("--gates", "image-policy", "--values", "values.yaml")
    assert report.code == int(bool(report.findings)), report.err
    return [(each["file"], each["line"], each["message"]) for each in report.findings]


@pytest.mark.parametrize("major", BOTH)
def test_the_good_chart_has_no_finding(shop: Shop, major: str) -> None:
    report = shop.gate("--gates", "image-policy,image-set", major=major)
    assert (report.code, report.findings) == (0, []), report.err


def test_a_pinned_container_is_found_on_its_line(shop: Shop) -> None:
    shop.replace(
        "templates/core.yaml", f"name: core\n          image: {HELPER}", f"name: core\n          image: {PINNED}"
    )
    ((file, line, message),) = policy(shop)
    assert (file, line) == ("templates/core.yaml", DEPLOYMENT.split("\n").index("        - name: core") + 2)
    assert "ghcr.io/acme/shop/core:v1.2.3 does not follow global.imageTag" in message


def test_a_pinned_init_container_is_found(shop: Shop) -> None:
    shop.replace(
        "templates/core.yaml", f"name: wait\n          image: {HELPER}", f"name: wait\n          image: {PINNED}"
    )
    assert len(policy(shop)) == 1


@pytest.mark.parametrize("template", [CRON_JOB, PROMETHEUS, CONFIG_MAP], ids=["cron job", "custom resource", "text"])
def test_an_image_anywhere_follows_the_tag_or_is_found(shop: Shop, template: str) -> None:
    shop.write("templates/more.yaml", template.replace("IMAGE", PINNED).replace("POLICY", POLICY))
    assert [file for file, _, _ in policy(shop)] == ["templates/more.yaml"]
    shop.write(
        "templates/more.yaml", template.replace("IMAGE", '{{ include "shop.image" . }}').replace("POLICY", POLICY)
    )
    assert policy(shop) == []


@pytest.mark.parametrize("template", [CRON_JOB, PROMETHEUS], ids=["cron job", "custom resource"])
@pytest.mark.parametrize("stated", ["Always", "IfNotPresent", "Never"])
def test_a_pull_policy_of_its_own_is_found(shop: Shop, template: str, stated: str) -> None:
    shop.write(
        "templates/more.yaml", template.replace("IMAGE", '{{ include "shop.image" . }}').replace("POLICY", stated)
    )
    ((file, line, message),) = policy(shop)
    assert (file, f"{stated}, does not follow global.imagePullPolicy" in message) == ("templates/more.yaml", True)
    assert template.split("\n")[line - 1].strip() == "imagePullPolicy: POLICY"


def test_a_missing_pull_policy_of_our_image_is_found(shop: Shop) -> None:
    shop.replace("templates/core.yaml", f"          imagePullPolicy: {POLICY}\n          command", "          command")
    ((_, _, message),) = policy(shop)
    assert "has no pull policy" in message


def test_a_digest_that_stays_where_the_tag_is_set_is_found(shop: Shop) -> None:
    digest = "sha256:" + "0" * 64
    shop.replace("templates/_helpers.tpl", ".Chart.AppVersion) }}", f".Chart.AppVersion) }}}}@{digest}")
    messages = {message for _, _, message in policy(shop)}
    assert messages == {f"ghcr.io/acme/shop/core is pinned to {digest:.20}..., also where global.imageTag is set"}


def test_an_image_without_a_tag_is_found(shop: Shop) -> None:
    shop.replace("templates/database.yaml", HELPER, "ghcr.io/acme/shop/core")
    ((_, _, message),) = policy(shop)
    assert message == "ghcr.io/acme/shop/core has no tag, and does not follow global.imageTag"


def test_a_field_of_a_resource_that_only_the_user_knows_is_found(shop: Shop) -> None:
    resource = (
        f"apiVersion: acme.io/v1\nkind: Runner\nmetadata:\n  name: a\nspec:\n  runtime: {PINNED}\n  pull: Always\n"
    )
    shop.write("templates/runner.yaml", resource)
    shop.gates["image_fields"] = [
        {"group": "acme.io", "kind": "Runner", "image": "spec.runtime", "pull_policy": "spec.pull"}
    ]
    assert [(file, line) for file, line, _ in policy(shop)] == [
        ("templates/runner.yaml", 6),
        ("templates/runner.yaml", 7),
    ]


def test_an_exception_lets_one_image_pass_with_its_reason(shop: Shop) -> None:
    shop.replace("templates/database.yaml", HELPER, PINNED)
    exception = {"gate": "image-policy", "template": "templates/database.yaml", "reason": "by hand", "image": PINNED}
    shop.gates["exceptions"] = [exception]
    report = shop.gate("--gates", "image-policy", "--values", "values.yaml")
    assert (report.code, report.document["gates"][0]["exempted"][0]["reason"]) == (0, "by hand")
    shop.gates["exceptions"] = [exception | {"image": "ghcr.io/acme/shop/core:v9"}]
    assert len(policy(shop)) == 1


def test_a_chart_without_our_images_was_not_checked(shop: Shop) -> None:
    shop.gates["images"] = [{"repository": "ghcr.io/acme/other"}]
    shop.gates["first_party"] = []
    ((_, _, message),) = policy(shop)
    assert "nothing was checked" in message


def test_an_allowed_image_may_be_written_with_its_registry(shop: Shop) -> None:
    shop.replace("templates/core.yaml", "redis:8.8.0", "docker.io/library/redis:8.8.0")
    assert image_set(shop) == []


def test_a_tag_with_something_added_is_found(shop: Shop) -> None:
    shop.replace(
        "templates/database.yaml", HELPER, 'ghcr.io/acme/shop/core:v{{ .Values.global.imageTag | default "1" }}'
    )
    ((_, _, message),) = policy(shop)
    assert "has the tag 'v1.2.3-sentinel.1' where global.imageTag is '1.2.3-sentinel.1'" in message


def test_other_keys_may_move_the_tag(shop: Shop) -> None:
    for path in ("templates/_helpers.tpl", "values.yaml"):
        shop.replace(path, "imageTag", "version")
    assert len(policy(shop)) == 3
    shop.gates["tag_key"] = "global.version"
    assert policy(shop) == []


def image_set(shop: Shop) -> list[str]:
    report = shop.gate("--gates", "image-set")
    assert report.code == int(bool(report.findings)), report.err
    return [each["message"] for each in report.findings]


def test_an_image_that_nobody_listed_is_found_once(shop: Shop) -> None:
    shop.replace("templates/core.yaml", "redis:8.8.0", "redis:8.8.1")
    (message,) = image_set(shop)
    assert message.startswith("redis:8.8.1 is neither an image of the release set nor allowed")


def test_a_misspelled_repository_is_found_with_the_right_one(shop: Shop) -> None:
    shop.replace("values.yaml", "shop/core", "shop/coer")
    assert any("did you mean ghcr.io/acme/shop/core?" in message for message in image_set(shop))


def test_an_image_of_the_set_that_nothing_uses_is_found(shop: Shop) -> None:
    shop.gates["images"] = [{"repository": "ghcr.io/acme/shop/core"}, {"repository": "ghcr.io/acme/shop/web"}]
    (message,) = image_set(shop)
    assert message == "ghcr.io/acme/shop/web is of the release set, and nothing in the chart uses it"


def test_an_image_that_one_values_file_uses_is_used(shop: Shop) -> None:
    shop.gates["images"] = [{"repository": "ghcr.io/acme/shop/core"}, {"repository": "ghcr.io/acme/shop/web"}]
    pod = (
        "{{ if gt (int .Values.replicas) 2 }}\n" + CRON_JOB.replace("IMAGE", "ghcr.io/acme/shop/web:1") + "{{ end }}\n"
    )
    shop.write("templates/more.yaml", pod)
    assert image_set(shop) == []


@pytest.mark.parametrize(
    "allowed", ["redis:8.8.0", "docker.io/library/redis:8.8.0", "redis:*", "docker.io/library/*", "docker.io/*"]
)
def test_names_of_images_are_compared_in_full(shop: Shop, allowed: str) -> None:
    shop.gates["allow"] = [allowed]
    assert image_set(shop) == []


def test_a_digest_other_than_the_released_one_is_found(shop: Shop) -> None:
    digest = "sha256:" + "1" * 64
    shop.gates["images"] = [{"repository": "ghcr.io/acme/shop/core", "digest": digest}]
    shop.replace("templates/database.yaml", HELPER, "ghcr.io/acme/shop/core@sha256:" + "2" * 64)
    (message,) = image_set(shop)
    assert message.endswith(f"is not what is released: that has {digest}")


def test_an_image_of_ours_in_an_environment_variable_is_found(shop: Shop) -> None:
    shop.replace("templates/core.yaml", 'value: "8080"', 'value: "--runner=ghcr.io/acme/runner:1.0"')
    (message,) = image_set(shop)
    assert message.startswith("ghcr.io/acme/runner:1.0 is neither")


def test_an_image_gate_without_what_it_needs_is_bad_input(shop: Shop) -> None:
    del shop.gates["images"]
    del shop.gates["first_party"]
    for gate in ("image-policy", "image-set"):
        report = shop.gate("--gates", gate)
        assert (report.code, "names neither" in report.err or "does not name" in report.err) == (2, True)

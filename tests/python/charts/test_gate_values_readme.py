"""Tables of values in a README, written by hand or by other tools: what they have wrong, and what is left alone."""

import pytest

from release_kit.documents.chart_gates import ChartGates
from release_kit.engines.gates.chart_values.check import check

VALUES = """\
replicas: 2
image:
  repository: shop
  tag: v1
settings:
  server.port: 80
  # log.level: info
hooks:
  before: {enabled: true}
  after: {enabled: true}
hosts:
  - name: a
extra: {}
"""
READS = b"{{ toYaml .Values }}"
HELM_DOCS = """\
| Key | Type | Default | Description |
|-----|------|---------|-------------|
| extra | object | `{}` | More \\| settings |
| hooks.after.enabled | bool | `true` | After |
| hooks.before.enabled | bool | `true` | Before |
| hosts | list | `[{"name":"a"}]` | Hosts |
| image.repository | string | `"shop"` | Where it is |
| image.tag | string | `"v1"` | Which it is |
| replicas | int | `2` | How many |
| settings."server.port" | int | `80` | Port |
"""
BITNAMI = """\
| Name                           | Description | Value    |
| ------------------------------ | ----------- | -------- |
| `replicas`                     | How many    | `2`      |
| `image`                        | The image   | `{}`     |
| `settings.server.port`         | Port        | `80`     |
| **Settings**                   |             |          |
| `settings.log.level`           | Level       | `info`   |
| `hooks.<name>.enabled`         | Whether     | `true`   |
| `hosts[0].name`                | Host        | `a`      |
| `extra.anything`               | More        | `""`     |
"""
PODINFO = """\
Parameter | Description | Default
--- | --- | ---
`replicas` | How many | `2`
`image.repository` | Where it is | `shop`
`image.tag` | Which it is | `<VERSION>`
"""


def gate(readme: str, values: str = VALUES) -> list[tuple[str, int, str, str]]:
    files = {"values.yaml": values.encode(), "README.md": readme.encode(), "templates/x.yaml": READS}
    found = check(files, {}, ChartGates())
    return [(each.file, each.line, each.thing, each.remedy) for each in found]


@pytest.mark.parametrize("table", [HELM_DOCS, BITNAMI, PODINFO], ids=["helm-docs", "bitnami", "podinfo"])
def test_a_good_table_has_no_finding(table: str) -> None:
    assert gate(f"# shop\n\n{table}\nMore.\n") == []
    assert gate(table.replace("\n", "\r\n")) == []


@pytest.mark.parametrize(
    ("table", "old", "new", "thing", "remedy"),
    [
        (HELM_DOCS, "image.tag |", "image.tga |", "image.tga", "'image.tag'"),
        (HELM_DOCS, '"server.port"', '"server.prot"', "settings['server.prot']", "server.port"),
        (BITNAMI, "`replicas` ", "`replica`  ", "replica", "'replicas'"),
        (BITNAMI, "hooks.<name>.enabled", "hooks.<name>.enable", "hooks['<name>'].enable", ""),
        (PODINFO, "`image.tag`", "`image.pullPolicy`", "image.pullPolicy", ""),
        (PODINFO, "`image.tag`", "`replicas.max`", "replicas.max", ""),
    ],
)
def test_a_row_for_a_value_that_is_not_there_is_found(table: str, old: str, new: str, thing: str, remedy: str) -> None:
    readme = f"# shop\n\n{table.replace(old, new)}"
    # Without templates: what they read may be documented.
    files = {"values.yaml": VALUES.encode(), "README.md": readme.encode()}
    found = [each for each in check(files, {}, ChartGates()) if each.file == "README.md"]
    line = readme.splitlines().index(next(each for each in readme.splitlines() if new in each)) + 1
    assert [(each.line, each.thing) for each in found] == [(line, thing)]
    assert remedy in found[0].remedy


def test_a_value_that_a_complete_table_lacks_is_found() -> None:
    readme = "".join(line for line in HELM_DOCS.splitlines(True) if "replicas" not in line)
    assert [found[:3] for found in gate(readme)] == [("values.yaml", 1, "replicas")]


def test_a_value_that_is_not_to_be_documented_is_let_be() -> None:
    readme = "".join(line for line in HELM_DOCS.splitlines(True) if "replicas" not in line)
    assert gate(readme, f"# @ignored\n{VALUES}") == []
    assert gate(readme, f"{VALUES}## @skip replicas\n") == []


def test_a_table_of_some_values_need_not_have_the_others() -> None:
    assert gate(PODINFO) == []


@pytest.mark.parametrize(
    "readme",
    [
        "",
        "| Component | Description | Port |\n| --- | --- | --- |\n| core | The core | 80 |\n",
        "| Name | Email | Url |\n| --- | --- | --- |\n| jane | jane@shop.example | |\n",
        "| Name | Description |\n| --- | --- |\n| core | The core |\n| web | The web |\n| replicas | Not ours |\n",
        "| Key | Default |\n| --- | --- |\n| [core](a.md) | a |\n| **b** | |\n| replicas | 2 |\n",
        "| Key |\n| --- |\n",
        "|\n|---|\n||\n",
        "| Key | Default |\n",
        "a | b\nc | d\n",
    ],
)
def test_other_tables_are_left_alone(readme: str) -> None:
    assert gate(readme) == []

"""Faults in a chart's own files: Chart.yaml, the lock file, the style of YAML, and what is packed."""

from tests.support.mutants.edits import CHART, SCHEMA, VALUES, Edit, append, large, link, swap
from tests.support.mutants.mutant import Kind, Mutant

DEPENDENCY = """\
dependencies:
  - name: cache
    version: ^1.4.0
    repository: file://../cache
"""
LOCK = """\
dependencies:
  - name: cache
    repository: file://../cache
    version: 1.4.0
digest: sha256:52392b5a0cc59f9531adcdb8f88bbb462b6aca43080c66f497782b3c5aae82a0
generated: "2026-01-02T03:04:05Z"
"""
CACHE = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-cache
data:
  size: 64Mi
"""
WITH_DEPENDENCY = (
    append(CHART, DEPENDENCY),
    swap(SCHEMA, '"properties": {', '"properties": {"cache": {"type": "object"},'),
    append("Chart.lock", LOCK),
    append("charts/cache/Chart.yaml", "apiVersion: v2\nname: cache\nversion: 1.4.0\n"),
    append("charts/cache/templates/configmap.yaml", CACHE),
)
MAINTAINERS = "maintainers:\n  - name: acme\n    url: https://github.com/acme\n"


def rule(
    fault: str, says: str, old: str, new: str, file: str = CHART, line: bool = True, also: tuple[str, ...] = ()
) -> Mutant:
    """Returns a mutant with a text of a file written otherwise."""
    return Mutant(fault, "chart-rules", says, (swap(file, old, new),), file, line, also)


def locked(fault: str, says: str, edit: Edit, file: str, line: bool = True, also: tuple[str, ...] = ()) -> Mutant:
    """Returns a mutant of a chart with a dependency."""
    return Mutant(fault, "chart-rules", says, (edit,), file, line, also, base=WITH_DEPENDENCY)


ALL_THREE = ("lint", "render", "package")
RULES: Kind = (
    "chart rules",
    (
        rule("no maintainer", "maintainers: expected at least one, found none", MAINTAINERS, "", line=False),
        rule("a maintainer without a name", "name", "  - name: acme\n    url", "  - url", also=("lint",)),
        rule(
            "a maintainer's address that is no URL",
            "expected a URL",
            "    url: https://github.com/acme",
            "    url: github",
            also=("lint",),
        ),
        rule(
            "a version of two numbers",
            "expected a version such as 1.2.3",
            "version: 0.1.0",
            'version: "0.1"',
            also=("lint", "image-set"),
        ),
        rule(
            "a version with a v",
            "expected a version such as 1.2.3",
            "version: 0.1.0",
            "version: v0.1.0",
            also=("lint", "image-set"),
        ),
        rule("no version", "version", "version: 0.1.0\n", "", line=False, also=ALL_THREE),
        rule("an unknown apiVersion", "expected v2", "apiVersion: v2", "apiVersion: v3", also=ALL_THREE),
        rule(
            "a chart whose name has a capital",
            "expected lower-case",
            "name: shop",
            "name: Shop",
            also=("lint", "schema"),
        ),
        rule(
            "an address of the project that is no URL",
            "expected a URL",
            "home: https://github.com/acme/shop",
            "home: acme/shop",
        ),
        rule(
            "a source that is no URL",
            "expected a URL",
            "  - https://github.com/acme/shop",
            "  - github",
            also=("lint",),
        ),
        rule(
            "one source where a list is expected",
            "sources",
            "sources:\n  - https://github.com/acme/shop",
            "sources: https://github.com/acme/shop",
            also=ALL_THREE,
        ),
        rule("an unknown type", "expected application or library", "type: application", "type: app", also=ALL_THREE),
        rule(
            "a constraint of Kubernetes that is none",
            "expected a constraint",
            '">=1.30.0-0"',
            '">=one"',
            also=("render",),
        ),
        rule("a field of Chart.yaml misspelled", "keyword", "keywords:", "keyword:", also=("lint",)),
        rule(
            "an appVersion that YAML takes for a number",
            "appVersion",
            'appVersion: "0.1.0"',
            "appVersion: 1.20",
            also=("lint", "image-set"),
        ),
        rule(
            "spaces at the end of a line of the values",
            "trailing-spaces: 2 after the last character",
            "  instances: 1\n",
            "  instances: 1  \n",
            VALUES,
        ),
        rule(
            "spaces at the end of a line of Chart.yaml",
            "trailing-spaces: 1 after the last character",
            "type: application\n",
            "type: application \n",
        ),
        rule("a key twice in the values", "schedule", "check:\n", "check:\n  schedule: '@daily'\n", VALUES, line=False),
        rule(
            "a key twice in Chart.yaml", "home", "sources:\n", "home: https://shop.example\nsources:\n", also=("lint",)
        ),
        rule(
            "two spaces after a colon", "colons: 2 spaces after the colon", "enabled: false", "enabled:  false", VALUES
        ),
        rule(
            "a comment without a space",
            "comment",
            "# -- Number of core's pods.",
            "#-- Number of core's pods.",
            VALUES,
            also=("values",),
        ),
        rule(
            "lines at odd depths",
            "indentation",
            "  - https://github.com/acme/shop",
            "   - https://github.com/acme/shop",
            line=False,
        ),
        rule("three empty lines", "empty-lines: 3 in a row", "\n\ntasks:", "\n\n\n\ntasks:", VALUES, line=False),
        rule("spaces within braces", "braces", "annotations: {}", "annotations: {   }", VALUES),
        rule(
            "a maintainer in a chart that is deprecated",
            "must have none",
            "maintainers:",
            "deprecated: true\nmaintainers:",
        )._replace(line=False),
        Mutant(
            "no newline at the end of the values",
            "chart-rules",
            "new-line-at-end-of-file",
            (append(VALUES, "# The end."),),
            VALUES,
            True,
        ),
        locked(
            "a lock file that is out of step", "is out of step", swap("Chart.lock", "52392b", "52392c"), "Chart.lock"
        ),
        locked(
            "a lock file without a dependency",
            "not in Chart.lock",
            swap("Chart.lock", "name: cache", "name: cash"),
            CHART,
            False,
        ),
        locked(
            "a lock file of another version",
            "locked at 1.3.0",
            swap("Chart.lock", "version: 1.4.0", "version: 1.3.0"),
            "Chart.lock",
        ),
        locked(
            "a vendored dependency of another version",
            "^1.4.0 is asked for, but charts/cache is 1.3.0",
            swap("charts/cache/Chart.yaml", "1.4.0", "1.3.0"),
            CHART,
            True,
        )._replace(line=False),
        locked(
            "a dependency's range that is none", "expected a version or a range", swap(CHART, "^1.4.0", "one.4"), CHART
        ),
        locked(
            "a dependency's repository that is no URL",
            "expected a URL",
            swap(CHART, "file://../cache", "../cache"),
            CHART,
        ),
    ),
)

KEY = "-----BEGIN " + "PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n"


def packed(fault: str, says: str, edit: Edit, file: str = "", also: tuple[str, ...] = ()) -> Mutant:
    """Returns a mutant that can't be packed, or not without harm."""
    return Mutant(fault, "package", says, (edit,), file, False, also)


PACKAGES: Kind = (
    "package",
    (
        packed(
            "a link out of the chart", "is a symbolic link that leaves the chart", link("hosts", "/etc/hosts"), "hosts"
        ),
        packed("a link to nowhere", "leads nowhere", link("nowhere", "nothing"), also=("lint", "render")),
        packed("a link to a folder that it is in", "leads back", link("files/loop", ".."), also=("lint", "render")),
        packed("a file of secrets", ".env looks like a secret", append(".env", "PASSWORD=hunter2\n"), ".env"),
        packed(
            "a private key by its name", "id_ed25519 looks like a secret", append("id_ed25519", "x\n"), "id_ed25519"
        ),
        packed("a private key by its text", "notes.txt looks like a secret", append("notes.txt", KEY), "notes.txt"),
        packed(
            "a file that is too large",
            "expected at most 5242880 bytes",
            large("dump.bin", 5 * 1024 * 1024 + 1),
            also=("lint", "render"),
        ),
        packed(
            "a pattern that .helmignore does not know", "**", append(".helmignore", "**/x\n"), also=("lint", "render")
        ),
        packed(
            "a file among the dependencies",
            "charts/README.md",
            append("charts/README.md", "# Charts\n"),
            also=("lint", "render"),
        ),
        packed("a dependency that is not vendored", "cache", append(CHART, DEPENDENCY), also=("lint", "render")),
    ),
)

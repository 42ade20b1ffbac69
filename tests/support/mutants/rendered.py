"""Faults in how a chart renders: not at all, not to YAML, each time otherwise, or not what somebody has looked at."""

from tests.support.mutants.edits import DEMO, Edit, after, append, remove, swap
from tests.support.mutants.images import CLUSTER, CORE, CRONJOB, HELPERS, PODS, SETTINGS, WEB
from tests.support.mutants.mutant import BOTH, Kind, Mutant

INGRESS, SERVICE = "templates/web/ingress.yaml", "templates/web/service.yaml"
DIFFERS = "is not the same in a second render, at another time: "
CHECKSUM = "        checksum/settings:"


def other(fault: str, says: str, *edits: Edit, file: str, line: bool = False) -> Mutant:
    """Returns a mutant that renders otherwise each time."""
    return Mutant(fault, "determinism", says, edits, file, line)


DETERMINISM: Kind = (
    "determinism",
    (
        other(
            "a random annotation, which restarts the pods",
            f"{DIFFERS}'rollme:",
            after(WEB, "checksum/settings:", "        rollme: {{ randAlphaNum 5 | quote }}\n"),
            file=WEB,
            line=True,
        ),
        other(
            "a random identifier",
            f"{DIFFERS}'SHOP_INSTANCE:",
            append(SETTINGS, "  SHOP_INSTANCE: {{ uuidv4 }}\n"),
            file=SETTINGS,
            line=True,
        ),
        other(
            "a password made anew each time",
            f"{DIFFERS}'password:",
            append(
                "templates/secret.yaml",
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}-extra\n"
                'stringData:\n  password: {{ lookup "v1" "Secret" "" "x" | dig "data" "p" (randAlphaNum 20) }}\n',
            ),
            file="templates/secret.yaml",
        ),
        other(
            "a certificate made anew each time",
            f"{DIFFERS}'key:",
            append(
                "templates/secret.yaml",
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}-extra\n"
                'stringData:\n  key: {{ genPrivateKey "ed25519" | quote }}\n',
            ),
            file="templates/secret.yaml",
        ),
        other(
            "a list in any order",
            f"{DIFFERS}'SHOP_KEYS:",
            append(SETTINGS, '  SHOP_KEYS: {{ keys .Values.core | join "," }}\n'),
            file=SETTINGS,
        ),
        other(
            "a random value in a values file, which a template renders",
            f'{DIFFERS}"cert-manager.io/cluster-issuer:',
            swap(DEMO, "cluster-issuer: letsencrypt", 'cluster-issuer: "{{ randAlphaNum 5 }}"'),
            file=DEMO,
            line=True,
        )._replace(base=(swap(INGRESS, "{{- toYaml . | nindent 4 }}", "{{- tpl (toYaml .) $ | nindent 4 }}"),)),
        other(
            "the day, which two renders share",
            f"{DIFFERS}'SHOP_BUILT:",
            append(SETTINGS, '  SHOP_BUILT: {{ now | date "2006-01-02" | quote }}\n'),
            file=SETTINGS,
            line=True,
        ),
        other(
            "the year",
            f"{DIFFERS}'SHOP_YEAR:",
            append(SETTINGS, '  SHOP_YEAR: {{ now | date "2006" | quote }}\n'),
            file=SETTINGS,
            line=True,
        ),
        other(
            "the month, in a helper",
            f"{DIFFERS}'app.kubernetes.io/built:",
            swap(
                HELPERS,
                "app.kubernetes.io/managed-by:",
                'app.kubernetes.io/built: {{ now | date "2006-01" | quote }}\napp.kubernetes.io/managed-by:',
            ),
            file=HELPERS,
        ),
        other(
            "the time in one values file only",
            f"{DIFFERS}'SHOP_AT:",
            append(
                SETTINGS,
                "  {{- if .Values.ingress.enabled }}\n  SHOP_AT: {{ now | unixEpoch | quote }}\n  {{- end }}\n",
            ),
            file=SETTINGS,
        )._replace(values=BOTH),
    ),
)


def changed(fault: str, says: str, *edits: Edit, file: str = "") -> Mutant:
    """Returns a mutant that renders something else than its golden."""
    return Mutant(fault, "golden", says, edits, file, values=BOTH)


GOLDENS: Kind = (
    "golden",
    (
        changed("another number", "periodSeconds", swap(PODS, "periodSeconds: 5", "periodSeconds: 50"), file=CORE),
        changed("an object less", "is gone: the golden has it", remove(SERVICE)),
        changed(
            "another name of a setting",
            "data.SHOP_SESSION_SECONDS: nothing",
            swap(SETTINGS, "SHOP_SESSION_SECONDS", "SHOP_SESSION_TIME"),
            file=SETTINGS,
        ),
        changed(
            "another value in one values file", "storage.size", swap(DEMO, "size: 10Gi", "size: 20Gi"), file=CLUSTER
        ),
        changed("a file in a ConfigMap", "read.sql", swap("files/read.sql", "order by p.id", "order by p.name")),
    ),
)


def broken(
    fault: str, says: str, *edits: Edit, file: str, line: bool = True, also: tuple[str, ...] = ("lint",)
) -> Mutant:
    """Returns a mutant that can't be rendered, or not to YAML."""
    return Mutant(fault, "render", says, edits, file, line, also)


RENDERS: Kind = (
    "render",
    (
        broken(
            "a required value that only one values file lacks",
            "does not render: ingress.host: expected a host",
            swap(DEMO, "  host: shop.demo.acme.example\n", ""),
            file=INGRESS,
            line=False,
            also=(),
        )._replace(values=BOTH),
        broken(
            "a refusal of one values file",
            "no class for this Ingress",
            swap(
                INGRESS,
                "apiVersion:",
                '{{- if .Values.ingress.className }}{{ fail "no class for this Ingress" }}{{ end }}\napiVersion:',
            ),
            file=INGRESS,
            also=(),
        )._replace(values=BOTH),
        broken("an unknown function", '"toYamll" not defined', swap(WEB, "toYaml", "toYamll"), file=WEB),
        broken(
            "an unknown helper",
            "shop.fullnam",
            swap(WEB, 'include "shop.fullname"', 'include "shop.fullnam"'),
            file=WEB,
        ),
        broken(
            "an action that is not closed",
            "",
            swap(WEB, "{{ .Values.web.replicas }}", "{{ .Values.web.replicas }"),
            file=WEB,
        ),
        broken(
            "an if without its end",
            "unexpected EOF",
            append(CRONJOB, "{{- if .Values.check.schedule }}\n"),
            file=CRONJOB,
            line=False,
        ),
        broken(
            "a key of something that is not there",
            "nil pointer",
            swap(WEB, "{{ .Values.web.replicas }}", "{{ .Values.web.autoscaling.replicas }}"),
            file=WEB,
            also=("lint", "values"),
        ),
        broken("lines at the wrong depth", "YAML", swap(WEB, "| nindent 12", "| nindent 9"), file=WEB, line=False),
        broken(
            "a colon without quotes",
            "YAML",
            append(SETTINGS, "  SHOP_TITLE: Shop: {{ .Release.Name }}\n"),
            file=SETTINGS,
        ),
        broken("a tab for spaces", "YAML", append(SETTINGS, "\tSHOP_TITLE: Shop\n"), file=SETTINGS),
        broken(
            "a key twice",
            "the key 'periodSeconds' stands twice",
            swap(PODS, "  periodSeconds: 5\n", "  periodSeconds: 5\n  periodSeconds: 10\n"),
            file=PODS,
            also=(),
        ),
        broken(
            "two objects with nothing between them",
            "the key 'apiVersion' stands twice",
            append(SETTINGS, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: more\n"),
            file=SETTINGS,
            also=(),
        ),
        broken(
            "a label that a helper has, too",
            "'app.kubernetes.io/name' stands twice",
            after(SERVICE, "  labels:", "    app.kubernetes.io/name: web\n"),
            file=SERVICE,
            line=False,
            also=(),
        ),
        broken(
            "a text for a list",
            "range can't iterate over",
            swap(CRONJOB, 'range list "core" "datasvc" "web"', "range .Values.check.schedule"),
            file=CRONJOB,
        ),
    ),
)

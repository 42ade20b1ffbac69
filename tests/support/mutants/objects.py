"""Faults in the objects that a chart renders, which the server of Kubernetes refuses or takes for something else."""

from tests.support.mutants.edits import VALUES, Edit, after, append, copy, documented, swap
from tests.support.mutants.images import CLUSTER, CORE, CRONJOB, HELPERS, JOB, POLICY_LINE, SETTINGS, WEB, image_of
from tests.support.mutants.mutant import Kind, Mutant

SERVICE, INGRESS, PODS = "templates/web/service.yaml", "templates/web/ingress.yaml", "templates/_pods.tpl"


def object_of(fault: str, says: str, edit: Edit, file: str, line: bool = True, also: tuple[str, ...] = ()) -> Mutant:
    """Returns a mutant whose objects are wrong."""
    return Mutant(fault, "schema", says, (edit,), file, line, also)


def field(fault: str, says: str, file: str, old: str, new: str, also: tuple[str, ...] = ()) -> Mutant:
    """Returns a mutant with a line of a template written otherwise."""
    return object_of(fault, says, swap(file, old, new), file, also=also)


OBJECTS: Kind = (
    "schema",
    (
        field("an unknown version of a built-in", "no API version apps/v2", WEB, "apps/v1", "apps/v2"),
        field(
            "a version that Kubernetes has removed",
            "no Ingress in networking.k8s.io/v1beta1",
            INGRESS,
            "networking.k8s.io/v1",
            "networking.k8s.io/v1beta1",
            ("lint",),
        )._replace(line=False),
        field("a kind misspelled", "no Deploymant in apps/v1", CORE, "kind: Deployment", "kind: Deploymant"),
        field(
            "a custom resource's kind misspelled",
            "no postgresql.cnpg.io/v1 Clusters",
            CLUSTER,
            "kind: Cluster",
            "kind: Clusters",
        ),
        field(
            "a custom resource's version that its definition does not have",
            "no postgresql.cnpg.io/v2 Cluster",
            CLUSTER,
            "postgresql.cnpg.io/v1",
            "postgresql.cnpg.io/v2",
        ),
        field("a field misspelled", "'replica' is not known", CORE, "  replicas:", "  replica:"),
        field("a field misspelled in a container", "'readynessProbe'", PODS, "readinessProbe", "readynessProbe"),
        field("a field misspelled in a custom resource", "'instance' is not known", CLUSTER, "instances:", "instance:"),
        object_of(
            "a field one level too deep",
            "'terminationGracePeriodSeconds' is not known",
            after(WEB, POLICY_LINE, "          terminationGracePeriodSeconds: 30\n"),
            WEB,
        ),
        field(
            "fields at the wrong depth",
            "'limits' is not known",
            WEB,
            "{{- toYaml .Values.web.resources | nindent 12 }}",
            "{{- toYaml .Values.web.resources | nindent 6 }}",
        )._replace(line=False),
        field(
            "a string for a number",
            "expected integer, found the string",
            WEB,
            "{{ .Values.web.replicas }}",
            "{{ .Values.web.replicas | quote }}",
        ),
        field(
            "a string for a number in a custom resource",
            "expected integer, found the string",
            CLUSTER,
            "{{ .Values.database.instances }}",
            "{{ .Values.database.instances | quote }}",
        ),
        field(
            "a number for a string in a ConfigMap",
            "expected string, found the number 3600",
            SETTINGS,
            "| int | quote",
            "| int",
        ),
        object_of(
            "a number for a string in an environment variable",
            "expected string, found the number 8080",
            after(CORE, "          env:", "            - name: SHOP_PORT\n              value: 8080\n"),
            CORE,
            line=False,
        ),
        field(
            "a word that is not allowed",
            "'Forbidden'",
            CRONJOB,
            "concurrencyPolicy: Forbid",
            "concurrencyPolicy: Forbidden",
        ),
        object_of(
            "a word that is not allowed in a Service",
            "'NodePorts'",
            after(SERVICE, "spec:", "  type: NodePorts\n"),
            SERVICE,
        ),
        field(
            "a word that is not allowed in a custom resource",
            'expected one of "Always", "IfNotPresent", "Never"',
            CLUSTER,
            POLICY_LINE,
            "imagePullPolicy: Allways",
            ("image-policy",),
        ),
        field(
            "a required field is missing",
            "'mountPath' is missing",
            CRONJOB,
            "                  mountPath: /etc/shop\n",
            "",
        )._replace(line=False),
        object_of(
            "an environment variable twice",
            "'SHOP_VERSION' stands twice",
            after(WEB, "          env:", "            - name: SHOP_VERSION\n              value: dev\n"),
            WEB,
            line=False,
        ),
        object_of(
            "a place in a container for two volumes",
            "mountPath '/etc/shop' stands twice",
            after(
                CRONJOB,
                "mountPath: /etc/shop",
                "                - name: files\n                  mountPath: /etc/shop\n",
            ),
            CRONJOB,
        ),
        field("a string for a number in a helper", "expected integer", PODS, "runAsUser: 65532", 'runAsUser: "65532"'),
        object_of(
            "true for a string in an annotation",
            "expected string, found true or false",
            after(WEB, "      annotations:", "        shop.example/scrape: true\n"),
            WEB,
        ),
        object_of(
            "a container twice",
            "'copy-data' stands twice",
            after(
                JOB,
                "    initContainers:",
                f"      - name: copy-data\n        {image_of('datasvc')}\n        {POLICY_LINE}\n",
            ),
            JOB,
            line=False,
        ),
        object_of(
            "an environment variable with two sources",
            "has both value and valueFrom",
            after(CORE, "name: SHOP_SESSION_KEY", "              value: secret\n"),
            CORE,
            line=False,
        ),
        object_of(
            "an environment variable whose name is none",
            "'SHOP PORT' is no name of a variable",
            after(CORE, "          env:", '            - name: SHOP PORT\n              value: "8080"\n'),
            CORE,
        ),
        object_of(
            "a key of a ConfigMap that is none",
            "found 'SHOP TITLE'",
            append(SETTINGS, "  SHOP TITLE: Shop\n"),
            SETTINGS,
        ),
        field(
            "a probe that asks nothing",
            "it probes nothing",
            PODS,
            "livenessProbe:\n  httpGet:\n    path: /health\n    port: http\n",
            "livenessProbe:\n",
        )._replace(line=False),
        Mutant(
            "more memory requested than there may be",
            "schema",
            "requests 480Mi, and the limit is 128Mi",
            (swap(VALUES, "memory: 48Mi", "memory: 480Mi"), documented),
            CORE,
        ),
        field(
            "a number below zero",
            "expected 0 or more",
            WEB,
            "{{ .Values.web.replicas }}",
            "{{ sub 0 .Values.web.replicas }}",
        ),
        field(
            "a CronJob's name that is too long",
            "expected at most 52 characters",
            CRONJOB,
            "}}-check",
            f"}}}}-{'check' * 10}",
        ),
        object_of(
            "a second port of a Service without a name",
            "has no name, and the Service has several ports",
            append(SERVICE, "    - port: 81\n      targetPort: http\n"),
            SERVICE,
        ),
        object_of(
            "an object twice",
            "is rendered twice",
            copy(SERVICE, "templates/web/frontend.yaml"),
            SERVICE,
            line=False,
        ),
        field("a name with a capital", "expected", SERVICE, "}}-web", "}}-Web", ("lint",)),
        field(
            "a label with a space",
            "found 'v 0.1.0'",
            HELPERS,
            '$root.Chart.AppVersion | replace "+" "_" | quote',
            'printf "v %s" $root.Chart.AppVersion',
        ),
        field(
            "a selector that the pods do not match",
            "the pods have",
            WEB,
            '      {{- include "shop.selectorLabels" (list . "web") | nindent 6 }}',
            '      {{- include "shop.selectorLabels" (list . "core") | nindent 6 }}',
        )._replace(file="", line=False),
        field(
            "a volume mounted that is not there",
            "mounts the volume 'file'",
            CRONJOB,
            "                - name: files\n                  mountPath",
            "                - name: file\n                  mountPath",
        ),
        field("a probe of a port that is not there", "asks the port 'https'", PODS, "port: http\n", "port: https\n"),
        field(
            "a quantity that is none",
            "found '32 MB'",
            CRONJOB,
            "{{- toYaml .Values.tasks.resources | nindent 16 }}",
            "limits:\n                  memory: 32 MB",
        )._replace(line=False),
        field(
            "a schedule that is none",
            "expected five fields",
            CRONJOB,
            "{{ .Values.check.schedule | quote }}",
            '{{ .Values.check.schedule | replace "* * * *" "*" | quote }}',
        ),
        field(
            "a Job that always starts again",
            "restartPolicy is Always",
            JOB,
            "restartPolicy: OnFailure",
            "restartPolicy: Always",
        ),
        field(
            "an Ingress in the words of an older version",
            "'serviceName' is not known",
            INGRESS,
            """\
              service:
                name: {{ include "shop.fullname" . }}-web
                port:
                  name: http
""",
            '              serviceName: {{ include "shop.fullname" . }}-web\n              servicePort: http\n',
        ),
        object_of(
            "an object without a name",
            "expected a name",
            append("templates/extra.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels: {}\ndata: {}\n"),
            "templates/extra.yaml",
            line=False,
            also=("lint",),
        ),
    ),
)

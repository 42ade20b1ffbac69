"""Faults in how templates name images: tags and pull policies that do not follow what a release sets."""

from tests.support.mutants.edits import DEMO, SCHEMA, VALUES, Edit, after, append, documented, swap
from tests.support.mutants.mutant import BOTH, Kind, Mutant

CORE, WEB, DATASVC = (f"templates/{name}/deployment.yaml" for name in ("core", "web", "datasvc"))
CRONJOB, JOB, CLUSTER = (
    "templates/check/cronjob.yaml",
    "templates/database/migration.yaml",
    "templates/database/cluster.yaml",
)
HELPERS, PODS, SETTINGS = "templates/_helpers.tpl", "templates/_pods.tpl", "templates/settings.yaml"
OURS = "ghcr.io/acme/shop"
TAG, POLICY = "does not follow global.imageTag", "does not follow global.imagePullPolicy"
POLICY_LINE = 'imagePullPolicy: {{ include "shop.imagePullPolicy" . }}'
DIGEST = "sha256:" + "5c" * 32


def image_of(name: str) -> str:
    """Returns how templates name an image of the shop."""
    return f'image: {{{{ include "shop.image" (list . "{name}") }}}}'


def extra(path: str, text: str) -> Edit:
    """Adds a template."""
    return append(f"templates/{path}", text)


def tag(fault: str, file: str, name: str, reference: str, says: str = TAG, **others: bool) -> Mutant:
    """Returns a mutant with an image named otherwise."""
    edit = swap(file, image_of(name), f"image: {reference}")
    return Mutant(fault, "image-policy", says, (edit,), file, others.get("line", True))


def policy(fault: str, file: str, new: str, line: bool = True, says: str = POLICY) -> Mutant:
    """Returns a mutant with a pull policy stated otherwise."""
    return Mutant(fault, "image-policy", says, (swap(file, POLICY_LINE, new),), file, line)


SIDECAR = f"""\
        - name: sidecar
          image: {OURS}/core:v0.1.0
          imagePullPolicy: {{{{ include "shop.imagePullPolicy" . }}}}
"""
TEST_POD = f"""\
apiVersion: v1
kind: Pod
metadata:
  name: {{{{ .Release.Name }}}}-test
  annotations:
    helm.sh/hook: test
spec:
  restartPolicy: Never
  containers:
    - name: test
      image: {OURS}/core:v0.1.0
      imagePullPolicy: {{{{ include "shop.imagePullPolicy" . }}}}
"""
PROMETHEUS = """\
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata:
  name: shop
spec:
  image: {image}
  imagePullPolicy: {policy}
"""
RUNNER = f"""\
apiVersion: runners.acme.example/v1
kind: Runner
metadata:
  name: shop
spec:
  workers:
    - runnerImage: {OURS}/core:v0.1.0
"""
FOLLOWING = '{{ include "shop.image" (list . "core") }}'
FOLLOWING_POLICY = '{{ include "shop.imagePullPolicy" . }}'

POLICIES: Kind = (
    "image policy",
    (
        tag("the tag is written into one template", CORE, "core", "{{ .Values.images.core.repository }}:v0.1.0"),
        tag("the tag is latest", WEB, "web", "{{ .Values.images.web.repository }}:latest"),
        tag("the image has no tag", WEB, "web", "{{ .Values.images.web.repository }}", "has no tag"),
        tag(
            "the tag is the appVersion, whatever the values say",
            WEB,
            "web",
            "{{ .Values.images.web.repository }}:v{{ .Chart.AppVersion }}",
        ),
        tag(
            "the tag is the image's own, whatever the one for all is",
            DATASVC,
            "datasvc",
            '{{ .Values.images.datasvc.repository }}:{{ .Values.images.datasvc.tag | default "v0.1.0" }}',
        ),
        tag(
            "the image is pinned by digest in the template",
            CORE,
            "core",
            f"{OURS}/core@{DIGEST}",
            "is pinned to sha256:5c",
        ),
        tag(
            "a digest behind the tag, which makes the tag void",
            CORE,
            "core",
            f'{{{{ include "shop.image" (list . "core") }}}}@{DIGEST}',
            "is pinned to sha256:5c",
        ),
        Mutant(
            "the digest stays where the tag for all is set",
            "image-policy",
            "is pinned to sha256:5c5c5c5c5c5c5..., also where global.imageTag is set",
            (
                swap(
                    HELPERS,
                    "{{- if and $image.digest (not $root.Values.global.imageTag) -}}",
                    "{{- if $image.digest -}}",
                ),
            ),
            CORE,
            base=(swap(VALUES, 'digest: ""', f"digest: {DIGEST}"), documented),
        ),
        Mutant(
            "the image's own tag goes before the one for all",
            "image-policy",
            f"{OURS}/web:v0.0.9 {TAG}",
            (
                swap(
                    HELPERS,
                    "$root.Values.global.imageTag | default $image.tag |",
                    "$image.tag | default $root.Values.global.imageTag |",
                ),
            ),
            WEB,
            base=(append(DEMO, "\nimages:\n  web:\n    tag: v0.0.9\n"),),
        ),
        Mutant(
            "the helper cuts the tag",
            "image-policy",
            TAG,
            (
                swap(
                    HELPERS,
                    "$root.Values.global.imageTag | default",
                    "$root.Values.global.imageTag | trunc 8 | default",
                ),
            ),
            CORE,
        ),
        tag("the tag of an init container is written into the template", JOB, "datasvc", f"{OURS}/datasvc:v0.1.0"),
        Mutant(
            "the tag of init containers is written into their helper",
            "image-policy",
            TAG,
            (swap(PODS, image_of("datasvc"), f"image: {OURS}/datasvc:v0.1.0"),),
            PODS,
            True,
        ),
        tag("the tag in a CronJob", CRONJOB, "core", f"{OURS}/core:v0.1.0"),
        Mutant("the tag of a sidecar", "image-policy", TAG, (after(WEB, "      containers:", SIDECAR),), WEB),
        Mutant(
            "the tag in a test of the chart",
            "image-policy",
            TAG,
            (extra("test.yaml", TEST_POD),),
            "templates/test.yaml",
        ),
        Mutant(
            "the tag where only one values file goes",
            "image-policy",
            f"{OURS}/web:v0.1.0 {TAG}",
            (
                swap(
                    WEB,
                    image_of("web"),
                    f"image: {{{{ if .Values.ingress.enabled }}}}{OURS}/web:v0.1.0"
                    '{{ else }}{{ include "shop.image" (list . "web") }}{{ end }}',
                ),
            ),
            WEB,
            True,
            values=BOTH,
        ),
        Mutant(
            "the tag in a custom resource",
            "image-policy",
            TAG,
            (extra("prometheus.yaml", PROMETHEUS.format(image=f"{OURS}/core:v0.1.0", policy=FOLLOWING_POLICY)),),
            "templates/prometheus.yaml",
        ),
        Mutant(
            "the tag in a custom resource that nobody knows",
            "image-policy",
            TAG,
            (extra("runner.yaml", RUNNER),),
            "templates/runner.yaml",
        ),
        Mutant(
            "the tag of an image in an environment variable",
            "image-policy",
            TAG,
            (
                after(
                    CORE,
                    "          env:",
                    f"            - name: SHOP_WORKER_IMAGE\n              value: {OURS}/web:v0.1.0\n",
                ),
            ),
            CORE,
        ),
        Mutant(
            "the tag of an image in an argument",
            "image-policy",
            TAG,
            (after(WEB, POLICY_LINE, f"          args: [--probe-image={OURS}/core:v0.1.0]\n"),),
            WEB,
            True,
        ),
        Mutant(
            "the tag of an image in a ConfigMap",
            "image-policy",
            TAG,
            (append(SETTINGS, f"  SHOP_WORKER_IMAGE: {OURS}/core:v0.1.0\n"),),
            SETTINGS,
            True,
        ),
        Mutant(
            "the values schema refuses tags of pre-releases",
            "image-policy",
            "does not render with global.imageTag",
            (swap(SCHEMA, '"^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$"', r'"^(v[0-9]+\\.[0-9]+\\.[0-9]+)?$"'),),
        ),
        policy("the pull policy is written into one template", WEB, "imagePullPolicy: IfNotPresent"),
        policy(
            "the pull policy is missing", DATASVC, "", line=False, says="ghcr.io/acme/shop/datasvc has no pull policy"
        ),
        policy("the pull policy in an init container", JOB, "imagePullPolicy: Always"),
        policy("the pull policy in a CronJob", CRONJOB, "imagePullPolicy: IfNotPresent"),
        policy("the pull policy in a custom resource", CLUSTER, "imagePullPolicy: IfNotPresent"),
        Mutant(
            "the pull policy of somebody else's image in a helper",
            "image-policy",
            POLICY,
            (
                swap(
                    PODS,
                    f"image: {{{{ .Values.database.image }}}}\n{POLICY_LINE}",
                    "image: {{ .Values.database.image }}\nimagePullPolicy: Always",
                ),
            ),
            PODS,
            True,
        ),
        policy(
            "the pull policy Never becomes another one",
            CORE,
            'imagePullPolicy: {{ eq .Values.global.imagePullPolicy "Always" | ternary "Always" "IfNotPresent" }}',
        ),
    ),
)

{{/*
What several templates share. Those that are about one image or one part of the shop take a list: the chart's context
and a name, as in `include "shop.image" (list . "core")`.
*/}}

{{/* The name that every object's name starts with; so short that none becomes too long for Kubernetes. */}}
{{- define "shop.fullname" -}}
{{- $name := contains .Chart.Name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) -}}
{{- $name | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* The labels that choose a part's pods; they must never change. */}}
{{- define "shop.selectorLabels" -}}
{{- $root := first . -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end }}

{{/* The labels of an object. */}}
{{- define "shop.labels" -}}
{{- $root := first . -}}
{{ include "shop.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | replace "+" "_" | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* An image's tag: the one for all images, or its own, or the chart's appVersion. */}}
{{- define "shop.imageTag" -}}
{{- $root := first . -}}
{{- $image := index $root.Values.images (last .) -}}
{{- $root.Values.global.imageTag | default $image.tag | default (printf "v%s" $root.Chart.AppVersion) -}}
{{- end }}

{{/* An image: its tag, and its digest where there is one, but not where the tag is set for all images. */}}
{{- define "shop.image" -}}
{{- $root := first . -}}
{{- $image := index $root.Values.images (last .) -}}
{{- printf "%s:%s" $image.repository (include "shop.imageTag" .) -}}
{{- if and $image.digest (not $root.Values.global.imageTag) -}}
{{- printf "@%s" $image.digest -}}
{{- end -}}
{{- end }}

{{/* The pull policy of every image. */}}
{{- define "shop.imagePullPolicy" -}}
{{- .Values.global.imagePullPolicy -}}
{{- end }}

{{/* The version that a service says of itself: its image's tag without the v. */}}
{{- define "shop.version" -}}
{{- include "shop.imageTag" . | trimPrefix "v" -}}
{{- end }}

{{/* Where a service is reached. */}}
{{- define "shop.url" -}}
{{- printf "http://%s-%s" (include "shop.fullname" (first .)) (last .) -}}
{{- end }}

{{/* The Secret with what core must not tell. */}}
{{- define "shop.coreSecret" -}}
{{- .Values.core.secretName | default (printf "%s-core" (include "shop.fullname" .)) -}}
{{- end }}

{{/* The name of the CloudNativePG cluster; the names that its operator makes of it follow. */}}
{{- define "shop.databaseCluster" -}}
{{- .Values.database.clusterName | default (printf "%s-db" (include "shop.fullname" .)) -}}
{{- end }}

{{/* The host of the instance that takes writes. */}}
{{- define "shop.databaseHost" -}}
{{- include "shop.databaseCluster" . }}-rw
{{- end }}

{{/* The Secret with user, password and name of the database. */}}
{{- define "shop.databaseSecret" -}}
{{- include "shop.databaseCluster" . }}-app
{{- end }}

{{/* The Secret with the certificate that the database's own is signed with. */}}
{{- define "shop.databaseCaSecret" -}}
{{- include "shop.databaseCluster" . }}-ca
{{- end }}

{{/* The image's tag. */}}
{{- define "guestbook.tag" -}}
{{- .Values.global.imageTag | default .Values.image.tag | default (printf "v%s" .Chart.AppVersion) -}}
{{- end }}

{{/* The image: its digest where there is one, but not where the tag is set for all images. */}}
{{- define "guestbook.image" -}}
{{- $digest := and .Values.image.digest (not .Values.global.imageTag) -}}
{{ .Values.image.repository }}:{{ include "guestbook.tag" . }}{{ if $digest }}@{{ .Values.image.digest }}{{ end }}
{{- end }}

{{/* The version that the guestbook says of itself: the tag without the v. */}}
{{- define "guestbook.version" -}}
{{- include "guestbook.tag" . | trimPrefix "v" -}}
{{- end }}

{{/* The labels that choose its pods. */}}
{{- define "guestbook.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

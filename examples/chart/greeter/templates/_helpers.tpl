{{/* The image: its digest where there is one, but not where the tag is set for all images. */}}
{{- define "greeter.image" -}}
{{- $image := .Values.image -}}
{{- $tag := .Values.global.imageTag | default $image.tag | default (printf "v%s" .Chart.AppVersion) -}}
{{- $digest := and $image.digest (not .Values.global.imageTag) -}}
{{ $image.repository }}:{{ $tag }}{{ if $digest }}@{{ $image.digest }}{{ end }}
{{- end }}

{{/* The labels that choose its pods. */}}
{{- define "greeter.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "hello.image" -}}
{{- $image := .Values.image -}}
{{- if or .Values.global.imageTag (not $image.digest) -}}
{{ $image.repository }}:{{ .Values.global.imageTag | default $image.tag | default (printf "v%s" .Chart.AppVersion) }}
{{- else -}}
{{ $image.repository }}@{{ $image.digest }}
{{- end -}}
{{- end -}}

{{- define "shop.image" -}}
{{- $global := .context.Values.global -}}
{{- if or $global.imageTag (not .image.digest) -}}
{{ .image.repository }}:{{ $global.imageTag | default .image.tag | default (printf "v%s" .context.Chart.AppVersion) }}
{{- else -}}
{{ .image.repository }}@{{ .image.digest }}
{{- end -}}
{{- end -}}

{{/* The Deployment of one service: `include "service.deployment" (list . NAME SERVICE)`. */}}
{{- define "service.deployment" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $service := index . 2 -}}
{{- $tag := $root.Values.global.imageTag | default $service.image.tag | default (printf "v%s" $root.Chart.AppVersion) -}}
{{- $digest := and $service.image.digest (not $root.Values.global.imageTag) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $root.Release.Name }}-{{ $name }}
  labels:
    {{- include "service.labels" (list $root $name) | nindent 4 }}
spec:
  replicas: {{ $root.Values.replicas }}
  selector:
    matchLabels:
      {{- include "service.labels" (list $root $name) | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "service.labels" (list $root $name) | nindent 8 }}
    spec:
      containers:
        - name: {{ $name }}
          image: {{ $service.image.repository }}:{{ $tag }}{{ if $digest }}@{{ $service.image.digest }}{{ end }}
          imagePullPolicy: {{ $root.Values.global.imagePullPolicy }}
          ports:
            - name: http
              containerPort: 8080
{{- end }}

{{/* The labels that choose the pods of a service. */}}
{{- define "service.labels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* What the pods have in common. */}}

{{/* Fields of every pod. */}}
{{- define "shop.pod" -}}
serviceAccountName: {{ include "shop.fullname" . }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{/* The securityContext of every container. */}}
{{- define "shop.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end }}

{{/* Fields of every container that serves. */}}
{{- define "shop.serving" -}}
ports:
  - name: http
    containerPort: 8080
readinessProbe:
  httpGet:
    path: /health
    port: http
  periodSeconds: 5
livenessProbe:
  httpGet:
    path: /health
    port: http
  initialDelaySeconds: 5
# A pod that stops still gets requests until every node has heard of it.
lifecycle:
  preStop:
    sleep:
      seconds: 5
securityContext:
  {{- include "shop.containerSecurity" . | nindent 2 }}
{{- end }}

{{/* Fields of the init container that waits for the database. */}}
{{- define "shop.waitForDatabase" -}}
image: {{ include "shop.image" (list . "datasvc") }}
imagePullPolicy: {{ include "shop.imagePullPolicy" . }}
command: [python3, /etc/shop/wait_for_database.py]
envFrom:
  - configMapRef:
      name: {{ include "shop.fullname" . }}-database
volumeMounts:
  {{- include "shop.databaseMounts" . | nindent 2 }}
resources:
  {{- toYaml .Values.tasks.resources | nindent 2 }}
securityContext:
  {{- include "shop.containerSecurity" . | nindent 2 }}
{{- end }}

{{/* Fields of every container that runs psql, which finds its database in the environment. */}}
{{- define "shop.psql" -}}
image: {{ .Values.database.image }}
imagePullPolicy: {{ include "shop.imagePullPolicy" . }}
envFrom:
  - configMapRef:
      name: {{ include "shop.fullname" . }}-database
env:
  {{- range $variable, $key := dict "PGUSER" "username" "PGPASSWORD" "password" "PGDATABASE" "dbname" }}
  - name: {{ $variable }}
    valueFrom:
      secretKeyRef:
        name: {{ include "shop.databaseSecret" $ }}
        key: {{ $key }}
  {{- end }}
resources:
  {{- toYaml .Values.tasks.resources | nindent 2 }}
securityContext:
  {{- include "shop.containerSecurity" . | nindent 2 }}
{{- end }}

{{/* The volumes of a pod that talks to the database. The CA's Secret also has its key, which no pod gets. */}}
{{- define "shop.databaseVolumes" -}}
- name: files
  configMap:
    name: {{ include "shop.fullname" . }}-files
- name: database-ca
  secret:
    secretName: {{ include "shop.databaseCaSecret" . }}
    items:
      - key: ca.crt
        path: ca.crt
{{- end }}

{{/* Where its containers mount them. */}}
{{- define "shop.databaseMounts" -}}
- name: files
  mountPath: /etc/shop
- name: database-ca
  mountPath: /etc/database
{{- end }}

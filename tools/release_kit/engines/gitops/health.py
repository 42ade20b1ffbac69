"""The health of Applications that other Applications apply, which Argo CD leaves out unless it is told.

Argo CD, "Resource Health" (docs/operator-manual/health.md): "Argocd App" and "Custom Health Checks"; what is
compared is status.sync.comparedTo of an Application (3.5.1). Lua has little more than its base library there.
"""

from release_kit.documents.environments import Environments
from release_kit.engines.gitops.yaml_text import Noted, document

LUA = """\
local function same(left, right)
  if type(left) ~= "table" or type(right) ~= "table" then
    return left == right
  end
  for key, value in pairs(left) do
    if not same(value, right[key]) then
      return false
    end
  end
  for key in pairs(right) do
    if left[key] == nil then
      return false
    end
  end
  return true
end

local function waiting(message)
  return {status = "Progressing", message = message}
end

local status = obj.status
if status == nil or status.health == nil or status.health.status == nil or status.sync == nil then
  return waiting("Argo CD has not looked at it yet")
end
local source = obj.spec.source
if source ~= nil then
  local seen = status.sync.comparedTo ~= nil and status.sync.comparedTo.source or {}
  local wanted, found = source.helm or {}, seen.helm or {}
  if seen.targetRevision ~= source.targetRevision then
    return waiting("Argo CD has not looked at " .. tostring(source.targetRevision) .. " yet")
  end
  if not same(wanted.valuesObject, found.valuesObject) or wanted.values ~= found.values then
    return waiting("Argo CD has not looked at the new values yet")
  end
end
if status.operationState ~= nil and status.operationState.phase == "Running" then
  return waiting("a sync is running")
end
if status.sync.status ~= "Synced" then
  return waiting("it is not in sync")
end
return {status = status.health.status, message = status.health.message}
"""


def health(declared: Environments) -> str:
    """Returns the part of Argo CD's configuration that gives Applications a health."""
    key = "resource.customizations.health.argoproj.io_Application"
    note = (
        "For every Application that another Application applies. None is healthy before Argo CD has compared it with "
        "the version and the values that it has now: the health of the version before must not count."
    )
    value = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "argocd-cm",
            "namespace": declared.argocd.namespace,
            "labels": {"app.kubernetes.io/name": "argocd-cm", "app.kubernetes.io/part-of": "argocd"},
        },
        "data": {key: Noted(note, LUA)},
    }
    intro = (
        "One setting of Argo CD, which is added to those that it has:\n"
        f"  kubectl apply --server-side --field-manager={declared.name} --filename=argocd/health.yaml"
    )
    return document(intro, value)

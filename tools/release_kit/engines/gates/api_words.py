"""Fields of the Kubernetes API that take one of a few words, which its JSON schemas do not tell (API reference)."""

from collections.abc import Iterator, Mapping

from release_kit.engines.gates.schema_faults import Fault, Node

_SPREAD = ("DoNotSchedule", "ScheduleAnyway")
_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Container": {"imagePullPolicy": ("Always", "IfNotPresent", "Never")},
    "ContainerPort": {"protocol": ("TCP", "UDP", "SCTP")},
    "CronJobSpec": {"concurrencyPolicy": ("Allow", "Forbid", "Replace")},
    "DaemonSetUpdateStrategy": {"type": ("RollingUpdate", "OnDelete")},
    "DeploymentStrategy": {"type": ("RollingUpdate", "Recreate")},
    "EphemeralContainer": {"imagePullPolicy": ("Always", "IfNotPresent", "Never")},
    "HTTPIngressPath": {"pathType": ("Exact", "Prefix", "ImplementationSpecific")},
    "MetricTarget": {"type": ("Utilization", "Value", "AverageValue")},
    "JobSpec": {"completionMode": ("NonIndexed", "Indexed")},
    "NetworkPolicyPort": {"protocol": ("TCP", "UDP", "SCTP")},
    "NetworkPolicySpec": {"policyTypes": ("Ingress", "Egress")},
    "PersistentVolumeClaimSpec": {
        "accessModes": ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"),
        "volumeMode": ("Filesystem", "Block"),
    },
    "PodSpec": {
        "dnsPolicy": ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
        "restartPolicy": ("Always", "OnFailure", "Never"),
        "preemptionPolicy": ("Never", "PreemptLowerPriority"),
    },
    "SeccompProfile": {"type": ("RuntimeDefault", "Localhost", "Unconfined")},
    "ServicePort": {"protocol": ("TCP", "UDP", "SCTP")},
    "ServiceSpec": {
        "externalTrafficPolicy": ("Cluster", "Local"),
        "internalTrafficPolicy": ("Cluster", "Local"),
        "ipFamilyPolicy": ("SingleStack", "PreferDualStack", "RequireDualStack"),
        "sessionAffinity": ("None", "ClientIP"),
        "type": ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
    },
    "StatefulSetSpec": {"podManagementPolicy": ("OrderedReady", "Parallel")},
    "StatefulSetUpdateStrategy": {"type": ("RollingUpdate", "OnDelete")},
    "Toleration": {
        "effect": ("NoSchedule", "PreferNoSchedule", "NoExecute", ""),
        "operator": ("Exists", "Equal", "Lt", "Gt", ""),
    },
    "TopologySpreadConstraint": {"whenUnsatisfiable": _SPREAD},
}
"""Words by the name of the API type and of its field."""


def wrong_words(node: Node) -> Iterator[Fault]:
    """Yields the fields whose word is none of those that the server takes."""
    fields = _WORDS.get(node.type_name)
    for name, words in fields.items() if fields and isinstance(node.value, dict) else ():
        found = node.value.get(name)
        for position, word in enumerate(found if isinstance(found, list) else [found]):
            path = (*node.path, name, position) if isinstance(found, list) else (*node.path, name)
            if isinstance(word, str) and word not in words:
                known = ", ".join(filter(None, words))
                yield Fault(path, f"expected one of {known}; found {word!r:.50}", "correct the word")

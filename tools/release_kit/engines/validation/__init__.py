"""Validation of GitOps resources: what GitOps Promoter and Argo CD refuse, misread or wait for forever."""

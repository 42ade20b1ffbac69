"""GitOps: what Argo CD and GitOps Promoter are told, made from one declaration and held to it."""

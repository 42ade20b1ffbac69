"""The client of OCI registries (distribution-spec 1.1)."""

"""End-to-end gates: whether what is deployed is the expected version, and passes its scenarios."""

"""The push benchmark: release sets of OCI images, pushed by release-kit and its peers, side by side in one run."""

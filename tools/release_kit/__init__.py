"""release-kit: releases, verifies and promotes a set of OCI images and Helm charts."""

__version__ = "0.1.0"

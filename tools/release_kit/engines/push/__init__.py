"""The push engine. Each step is complete for the whole set before the next begins.

1 check, 2 blobs, 3 manifests by digest, 4 immutable tags, 5 moving tags, 6 release record (docs/protocol.md)
"""

"""The push engine. Each step is complete for the whole set before the next begins.

1 check, 2 blobs, 3 manifests by digest, 4 immutable tags, 5 charts, 6 moving tags, 7 release record (docs/protocol.md)
"""

"""The push engine. Each step is complete for the whole set before the next begins.

1 check, 2 blobs, 3 manifests by digest, 4 immutable tags, 5 charts, 6 signatures, 7 moving tags, 8 release record
(docs/protocol.md)
"""

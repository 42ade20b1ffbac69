"""Measures how a release set grows: analysis, document, runfiles and pushes at several numbers of images."""

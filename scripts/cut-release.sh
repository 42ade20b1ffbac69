#!/usr/bin/env bash
# Cuts a release: raises VERSION, the charts and the changelog, commits, tags and pushes them; or does nothing at all.
# scripts/cut-release.sh 1.2.3 [--skip-staging] [--dry-run]; takes what `release-kit cut` takes (docs/cut.md).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec ./bazelw run --ui_event_filters=-info,-stdout,-stderr --noshow_progress //tools:release-kit -- cut "$@"

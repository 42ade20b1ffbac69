#!/usr/bin/env bash
# Raises VERSION, the charts and the changelog to the next version: scripts/cut-release.sh 1.2.3 [--dry-run].
# Takes what `release-kit cut` takes; runs no git, and says which commands come next.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec ./bazelw run --ui_event_filters=-info,-stdout,-stderr --noshow_progress //tools:release-kit -- cut "$@"

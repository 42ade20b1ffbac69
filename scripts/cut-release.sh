#!/usr/bin/env bash
# Cuts a release: raises VERSION, the charts, the changelog and all that names this module at its version, commits, tags and
# pushes them; or does nothing at all.
# scripts/cut-release.sh 1.2.3 [--skip-staging] [--dry-run]; takes what `release-kit cut` takes (docs/cut.md).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
text='name = "rules_release", version = "{version}"'
mapfile -t files < <(git grep --files-with-matches --fixed-strings "${text/'{version}'/$(<VERSION)}")
mentions=("${files[@]/#/--mention=}")
exec ./bazelw run --ui_event_filters=-info,-stdout,-stderr --noshow_progress //tools:release-kit -- \
  cut "${mentions[@]/%/=$text}" "$@"

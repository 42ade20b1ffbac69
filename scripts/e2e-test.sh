#!/usr/bin/env bash
# Tests a deployed shop: scripts/e2e-test.sh --environment demo-staging, or --url URL --version VERSION.
# Takes what `release-kit e2e` takes; SHOP_E2E_USER and SHOP_E2E_PASSWORD say who logs in.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec ./bazelw run --ui_event_filters=-info,-stdout,-stderr --noshow_progress //release:e2e -- "$@"

#!/usr/bin/env bash
# One release from the push to production, on this machine alone: a private registry on loopback, a deploy repository in a
# temporary folder, and nobody but you to report what the tests have said and that the person on call agrees.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

bazel() { ../../bazelw run --noshow_progress --ui_event_filters=-info,-stdout,-stderr "$@"; }
work=$(mktemp -d)
export XDG_STATE_HOME=$work/state # where the registry keeps what it has
finish() {
  bazel @rules_release//tools:registry -- --quiet --stop || true
  rm -rf -- "$work"
}
trap finish EXIT
deploy=file://$work/deploy.git

RELEASE_BUILD=1 bazel //release:push -- --record "$work/record.json"
registry=$(sed -n 's/^ *"registry": "\(.*\)",$/\1/p' "$work/record.json")

git init --quiet --bare "$work/deploy.git"
bash gitops/generated/bootstrap.sh "$deploy"
bazel //release:hydrate -- --repository "$deploy" --registry "$registry" --record "$work/record.json"
bazel //release:promote -- --repository "$deploy" --registry "$registry" --to staging
bazel //release:report -- --repository "$deploy" --environment staging --gate e2e --phase success
bazel //release:report -- --repository "$deploy" --environment production --gate approval --phase success
bazel //release:promote -- --repository "$deploy" --registry "$registry" --from staging --to production
bazel //release:status -- --repository "$deploy"

#!/usr/bin/env bash
# Prints the stamp, one `KEY value` a line; Bazel runs it before each build (--workspace_status_command).
# STABLE_VERSION is the content of VERSION where HEAD carries the tag v<VERSION> or RELEASE_BUILD=1 says so, else `dev`.
# STABLE_SKIP_STAGING is true for a release whose commit has [skip-staging] at its title's end or as a line; an archive
# has no message.
# The same commit gives the same STABLE_ lines; Bazel itself adds BUILD_TIMESTAMP, which is volatile. See docs/tag-policy.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# `git archive` replaces these two; a checkout asks git; a bare copy of the files knows no commit and counts as dirty.
commit='$Format:%H$' epoch='$Format:%ct$' dirty=false skip=false
version=$(tr -d '[:space:]' <VERSION)
release=${RELEASE_BUILD:-0} title='' body=''

if git ls-files --error-unmatch workspace_status.sh >/dev/null 2>&1 && git rev-parse --quiet --verify HEAD >/dev/null; then
  commit=$(git rev-parse HEAD)
  epoch=$(git show --no-patch --no-show-signature --format=%ct HEAD)
  [[ -z "$(git status --porcelain)" ]] || dirty=true
  if git tag --points-at HEAD | grep -qxF "v$version"; then release=1; fi
  title=$(git show --no-patch --no-show-signature --format=%s HEAD)
  body=$(git show --no-patch --no-show-signature --format=%b HEAD)
elif [[ "$commit" == \$* ]]; then
  commit=unknown epoch=0 dirty=true
fi
[[ "$release" == 1 ]] || version=dev
if [[ "$version" != dev && ("$title" == *'[skip-staging]' || $'\n'"$body"$'\n' == *$'\n[skip-staging]\n'*) ]]; then skip=true; fi
IFS=. read -r major minor _ <<<"$version"

echo "STABLE_VERSION $version"
echo "STABLE_VERSION_MAJOR $major"
echo "STABLE_VERSION_MINOR ${minor:-dev}"
echo "STABLE_COMMIT_SHA $commit"
echo "STABLE_SHORT_SHA ${commit:0:12}"
echo "STABLE_COMMIT_EPOCH $epoch"
echo "STABLE_DIRTY $dirty"
echo "STABLE_SKIP_STAGING $skip"

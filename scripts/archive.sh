#!/usr/bin/env bash
# Writes what the Bazel Central Registry downloads: scripts/archive.sh FOLDER [COMMIT] makes FOLDER/rules_release-v1.2.3.tar.gz
# of a commit (HEAD unless given) and prints its path. .gitattributes says what is in it; the same commit gives the same bytes.
set -euo pipefail
folder=$(realpath -- "${1:?the folder to write to}")
commit=${2:-HEAD}
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=$(git show "$commit:VERSION" | tr -d '[:space:]')
archive=$folder/rules_release-v$version.tar.gz
trap 'rm -f -- "$archive.part"' EXIT

# Nothing of the user's own settings: neither modes nor line ends nor attributes.
git -c tar.umask=0022 -c core.autocrlf=false -c core.eol=lf -c core.attributesFile=/dev/null \
  archive --format=tar --prefix="rules_release-$version/" "$commit" | gzip --no-name --best >"$archive.part"
mv -- "$archive.part" "$archive"
echo "$archive"

#!/usr/bin/env bash
# Written by release-kit gitops generate from guestbook; to change it, change the declaration and generate it anew.
# Makes the branches that the environments need, those that are missing; what is there stays as it is.
# It may run again, and while another one runs. It needs git, and the right to push.
#
# Usage: bootstrap.sh [REPOSITORY]
set -euo pipefail

repository=${1:-https://github.com/acme/guestbook-deploy.git}

# A branch of what runs, and the branch of what is to run there: git can only merge them if they share history.
pairs=(
  environment/staging
  environment/production
)
# Releases that are to be hydrated, and results of gates.
singles=(
  releases
  gate-results
)

copy=$(mktemp -d)
trap 'rm -rf -- "$copy"' EXIT
git init --quiet --bare "$copy"

in_copy() {
  git --git-dir="$copy" -c core.hooksPath=/dev/null -c commit.gpgSign=false "$@"
}

# The commit that everything begins with: empty, and the same whoever makes it, so that two runs can't disagree.
first_commit() {
  local tree
  tree=$(in_copy mktree </dev/null)
  GIT_AUTHOR_NAME=release-kit GIT_AUTHOR_EMAIL=release-kit@localhost GIT_AUTHOR_DATE='2000-01-01T00:00:00Z' \
    GIT_COMMITTER_NAME=release-kit GIT_COMMITTER_EMAIL=release-kit@localhost \
    GIT_COMMITTER_DATE='2000-01-01T00:00:00Z' \
    in_copy commit-tree -m 'Begin the branches of environments' "$tree"
}

# head_of BRANCH: the commit at the server; empty where it has no such branch.
head_of() {
  local line
  line=$(in_copy ls-remote -- "$repository" "refs/heads/$1")
  printf '%s' "${line%%[[:space:]]*}"
}

# fetched BRANCH: the commit at the server, which is in the copy then.
fetched() {
  in_copy fetch --quiet -- "$repository" "+refs/heads/$1:refs/fetched"
  in_copy rev-parse --verify refs/fetched
}

# make COMMIT BRANCH: refused by the server if the branch is there by now.
make() {
  in_copy push --quiet --force-with-lease="refs/heads/$2:" -- "$repository" "$1:refs/heads/$2"
}

# ensure COMMIT BRANCH
ensure() {
  if [[ -n $(head_of "$2") ]]; then
    echo "kept $2"
  elif make "$1" "$2"; then
    echo "made $2"
  elif [[ -n $(head_of "$2") ]]; then
    echo "kept $2, which somebody else has just made"
  else
    echo "can't make the branch $2" >&2
    return 1
  fi
}

first=$(first_commit)
for branch in "${singles[@]}"; do
  ensure "$first" "$branch"
done
for active in "${pairs[@]}"; do
  proposed=$active-next
  begin=$first
  if [[ -z $(head_of "$active") && -n $(head_of "$proposed") ]]; then
    # What runs must not be more than what was promoted: it begins where the other branch began.
    begin=$(fetched "$proposed")
    begin=$(in_copy rev-list --first-parent --max-parents=0 "$begin")
  fi
  ensure "$begin" "$active"
  begin=$(fetched "$active")
  ensure "$begin" "$proposed"
done

# Sourced by bazelw and enter: sets HOME, USER where they are missing (Bazel needs them), and `cache`.
# shellcheck shell=bash

if [[ -z ${HOME:-} ]]; then
  unset HOME
  HOME=~
fi
if [[ ! -d $HOME || ! -w $HOME ]]; then
  HOME="${TMPDIR:-/tmp}/rules_release-$UID"
  (umask 077 && mkdir -p "$HOME")
  [[ -O $HOME ]] || { echo "rules_release: error: $HOME is not yours: set HOME" >&2; exit 1; }
fi
USER="${USER:-$(id -un 2>/dev/null || echo "$UID")}"
cache="${RULES_RELEASE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rules_release}"
[[ $cache == /* ]] || cache="$PWD/$cache"
export HOME USER

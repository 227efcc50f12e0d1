#!/usr/bin/env bash
# Runs the README's two commands in a fresh clone of HEAD, with Node and the npm registry alone: an empty home, no AWS
# credentials, no Docker. Says how long each took.
set -u
repository="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d "${TMPDIR:-/tmp}/fresh-clone-XXXXXX")"
trap 'rm -rf "$work"' EXIT
mkdir "$work/home"
git clone -q --no-hardlinks "$repository" "$work/clone" || exit 1
failed=0

bare() {
  env -i PATH="$(dirname "$(command -v node)"):/usr/bin:/bin" HOME="$work/home" \
    ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"} \
    ${HTTPS_PROXY:+HTTPS_PROXY="$HTTPS_PROXY"} ${https_proxy:+https_proxy="$https_proxy"} "$@"
}

timed() {
  local began=$SECONDS
  echo "== $*"
  (cd "$work/clone" && bare "$@" </dev/null) || { echo "failed: $*"; failed=1; }
  echo "== $* took $((SECONDS - began)) s"
}

timed npm ci
timed npm run demo
rm -rf "$work/clone/node_modules" "$work/clone/assets"
timed npm ci
timed npm test
exit "$failed"

# What the scripts of this folder share. Source it from bash, with the project's root as the working folder.

# step TEXT: says what begins, with the time since the script began.
step() {
  printf '\n==> %s (%d s)\n' "$*" "$SECONDS"
}

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Tools of a clean machine; all else is installed below the project's root.
require_tools() {
  local tool
  for tool in cargo go python3 node npm gcc; do
    command -v "$tool" >/dev/null || fail "$tool is not installed; opwire builds with Rust, Go, Python 3, Node and gcc"
  done
}

# once STAMP COMMAND...: runs the command unless it succeeded before with the same words.
once() {
  local stamp=.tools/stamps/$1 words
  shift
  words=$(printf '%s\n' "$@" | cat)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$words" ] && return
  "$@"
  mkdir -p .tools/stamps
  printf '%s\n' "$words" >"$stamp"
}

# apt_install PACKAGE...: on Debian, what is missing of these.
apt_install() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  command -v apt-get >/dev/null || fail "install these by hand: ${missing[*]}"
  local sudo=()
  [ "$(id -u)" = 0 ] || sudo=(sudo)
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# start_dev_server: sets OP_SERVICE_ACCOUNT_TOKEN and OP_VAULT_ID; the server stops with the script.
start_dev_server() {
  DEV_FOLDER=$(mktemp -d)
  target/release/opwire server dev --env-file "$DEV_FOLDER/env" >"$DEV_FOLDER/out" 2>"$DEV_FOLDER/err" &
  DEV_SERVER=$!
  trap stop_dev_server EXIT
  local tries=0
  until [ -f "$DEV_FOLDER/env" ]; do
    kill -0 "$DEV_SERVER" 2>/dev/null || fail "the account server did not start: $(cat "$DEV_FOLDER/err")"
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || fail "the account server was not ready after a minute"
    sleep 0.1
  done
  set -a
  . "$DEV_FOLDER/env"
  set +a
}

stop_dev_server() {
  kill "$DEV_SERVER" 2>/dev/null || true
  wait "$DEV_SERVER" 2>/dev/null || true
  rm -rf "$DEV_FOLDER"
}

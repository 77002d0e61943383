# What the scripts of this folder share. Source it from bash, with the project's root as the working folder.

# step TEXT: says what begins, with the time since the script began.
step() {
  printf '\n==> %s (%d s)\n' "$*" "$SECONDS"
}

fail() {
  printf 'ci/%s: %s\n' "${0##*ci/}" "$*" >&2
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
  mkdir -p .tools
  # One at a time: scripts run beside each other.
  flock .tools/apt.lock "${sudo[@]}" sh -ec \
    'apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null' \
    apt_install "${missing[@]}"
}

# scratch_folder: sets SCRATCH to a new folder. It goes when the script ends, and what start_background started with it.
scratch_folder() {
  SCRATCH=$(mktemp -d)
  BACKGROUND=()
  trap leave_scratch_folder EXIT
}

leave_scratch_folder() {
  if [ ${#BACKGROUND[@]} -gt 0 ]; then
    kill "${BACKGROUND[@]}" 2>/dev/null || true
    wait "${BACKGROUND[@]}" 2>/dev/null || true
  fi
  rm -rf "$SCRATCH"
}

# start_background FILE COMMAND...: runs the command, and waits for the file that it writes once it is ready.
start_background() {
  local file=$1 tries=0
  shift
  "$@" >>"$SCRATCH/log" 2>&1 &
  BACKGROUND+=($!)
  until [ -e "$file" ]; do
    kill -0 "${BACKGROUND[-1]}" 2>/dev/null || fail "$1 did not start: $(tail -5 "$SCRATCH/log")"
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || fail "$1 was not ready after a minute"
    sleep 0.1
  done
}

# load_env FILE: sets and exports the variables of the file.
load_env() {
  set -a
  # shellcheck source=/dev/null
  . "$1"
  set +a
}

# start_dev_server: an account server, in a scratch folder; sets OP_SERVICE_ACCOUNT_TOKEN and OP_VAULT_ID.
start_dev_server() {
  scratch_folder
  start_background "$SCRATCH/env" target/release/opwire server dev --env-file "$SCRATCH/env"
  load_env "$SCRATCH/env"
}

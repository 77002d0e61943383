# The public SDKs, installed unmodified from their registries: clients to compare with. Source it after common.sh.

OFFICIAL_JS=ci/interop/js
OFFICIAL_PYTHON=.tools/interop
OFFICIAL_GO=github.com/1password/onepassword-sdk-go
OPWIRE_GO=github.com/opwire/opwire/go
# The official Go client refuses to talk to other hosts than those of 1Password. With this one, it comes by HTTP_PROXY.
# shellcheck disable=SC2034 # for ci/interop/run and ci/interop/desktop
GO_ADDRESS=http://x.b5local.com

# Older versions, the last of each minor one. Each reads by itself what the present ones read.
OLDER=ci/interop/older
# shellcheck disable=SC2034 # for ci/interop/run
OLDER_JS=(0.1 0.3)
OLDER_PYTHON=(0.1.7 0.2.1 0.3.2)
# shellcheck disable=SC2034 # for ci/interop/run
OLDER_GO=(0.1 0.2 0.3)

install_older() {
  local version
  once older-js install_older_js "$(sha256sum "$OLDER/js/package-lock.json")"
  for version in "${OLDER_PYTHON[@]}"; do
    # What it builds on is that of the present version.
    once "older-python-$version" "$OFFICIAL_PYTHON/bin/python" -m pip install --quiet --disable-pip-version-check \
      --no-deps --target ".tools/older-$version" "onepassword-sdk==$version"
  done
}

install_older_js() {
  npm ci --silent --no-audit --no-fund --prefix "$OLDER/js"
}

install_official() {
  once interop-js install_official_js "$(sha256sum "$OFFICIAL_JS/package-lock.json")"
  once interop-python install_official_python "$(sha256sum ci/interop/python/requirements.txt)"
}

install_official_js() {
  npm ci --silent --no-audit --no-fund --prefix "$OFFICIAL_JS"
}

install_official_python() {
  python3 -m venv "$OFFICIAL_PYTHON"
  "$OFFICIAL_PYTHON/bin/python" -m pip install --quiet --disable-pip-version-check \
    -r ci/interop/python/requirements.txt
}

# both LANGUAGE OFFICIAL -- OPWIRE: runs two commands with the file for their results, in $SCRATCH, and adds these files to
# $results.
both() {
  local language=$1 official=()
  shift
  while [ "$1" != -- ]; do
    official+=("$1")
    shift
  done
  shift
  "${official[@]}" "$SCRATCH/$language-official.json"
  "$@" "$SCRATCH/$language-opwire.json"
  results+=("$language=$SCRATCH/$language-official.json=$SCRATCH/$language-opwire.json")
}

# build_with_opwire FOLDER OUT: builds a Go program that imports the public SDK, with only that import changed.
build_with_opwire() {
  local changed file replacements=
  changed=$(mktemp -d)
  for file in "$PWD/$1"/*.go; do
    sed "s|\"$OFFICIAL_GO\"|\"$OPWIRE_GO\"|" "$file" >"$changed/${file##*/}"
    replacements+="${replacements:+, }\"$file\": \"$changed/${file##*/}\""
  done
  printf '{"Replace": {%s}}' "$replacements" >"$changed/overlay.json"
  (cd "$1" && go build -overlay "$changed/overlay.json" -o "$2" .)
  rm -r "$changed"
}

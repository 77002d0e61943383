# The public SDKs, installed unmodified from their registries: clients to compare with. Source it after common.sh.

OFFICIAL_JS=ci/lib/interop/js
OFFICIAL_PYTHON=.tools/interop
OFFICIAL_GO=github.com/1password/onepassword-sdk-go
OPWIRE_GO=github.com/opwire/opwire/go

install_official() {
  once interop-js install_official_js "$(sha256sum "$OFFICIAL_JS/package-lock.json")"
  once interop-python install_official_python "$(sha256sum ci/lib/interop/python/requirements.txt)"
}

install_official_js() {
  npm ci --silent --no-audit --no-fund --prefix "$OFFICIAL_JS"
}

install_official_python() {
  python3 -m venv "$OFFICIAL_PYTHON"
  "$OFFICIAL_PYTHON/bin/python" -m pip install --quiet --disable-pip-version-check \
    -r ci/lib/interop/python/requirements.txt
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

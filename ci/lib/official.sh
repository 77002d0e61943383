# The public SDKs, installed unmodified from their registries: clients to compare with. Source it after common.sh.

OFFICIAL_JS=ci/lib/interop/js
OFFICIAL_PYTHON=.tools/interop

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

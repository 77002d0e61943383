# The WebAssembly modules of the core, which are committed: what each is made from, and how it is built and checked.
# Source it from bash, after common.sh.
#
#   wasm_module go|js            choose one, for the functions below; sets WASM_MODULE, WASM_RECORD and WASM_MAX_BYTES
#   wasm_install_tools           what builds it, as far as it is not here
#   wasm_module_build FOLDER     build its files into the folder
#   wasm_module_tools            print the line that names all tools; equal lines give equal bytes
#   wasm_module_sources          print a digest of everything that it is made from
#   wasm_module_digest FOLDER    print a digest of its files in the folder
#   wasm_recorded MEMBER         print a member of the record that was committed with it

. "$(dirname "${BASH_SOURCE[0]}")/wasm-toolchain.sh"

BINDGEN_VERSION=0.2.129
BINARYEN_VERSION=132.0.0

# shellcheck disable=SC2034 # The scripts that source this read the variables.
wasm_module() {
  case $1 in
    go)
      WASM_PACKAGE=op-wasm-host WASM_SOURCES=wasm/host WASM_FOLDER=go/internal/engine WASM_FILES=(core.wasm)
      WASM_MAX_BYTES=1250000
      ;;
    js)
      WASM_PACKAGE=op-wasm-js WASM_SOURCES=wasm/js WASM_FOLDER=packages/sdk/wasm WASM_FILES=(core.wasm glue.js)
      WASM_MAX_BYTES=1100000
      ;;
    *) wasm_fail "no module is named $1; they are go and js" || return ;;
  esac
  WASM_NAME=$1
  WASM_MODULE=$WASM_FOLDER/core.wasm
  WASM_RECORD=$WASM_FOLDER/core.wasm.json
}

wasm_install_tools() {
  if ! wasm_path_compiler_has_target; then
    apt_install rustc-web cargo-web rust-web-src lld-22
  fi
  once binaryen npm install --silent --no-save --prefix .tools "binaryen@$BINARYEN_VERSION"
  if [ "$WASM_NAME" = js ] && [ -z "$(wasm_bindgen_program)" ]; then
    once wasm-bindgen cargo install --quiet --locked --root .tools --version "$BINDGEN_VERSION" wasm-bindgen-cli
  fi
}

wasm_module_build() {
  local flags=(
    # The default of 1 MB would be most of what a client takes, wazero allocates it at once, and the deepest call needs a
    # fraction of this.
    -Clink-arg=-zstack-size=262144
    # The unrolled rounds of SHA-2 take 18 KB. What hashes for long, passwords and files, is done by the host.
    '--cfg=sha2_backend_soft="compact"'
  )
  if [ "$WASM_NAME" = go ]; then
    wasm_build "$WASM_PACKAGE" wasm-host target-wasm-host "${flags[@]}" || return
    # Smaller than with -O3, and so sooner compiled; the ciphers take the same time.
    wasm_optimize "$WASM_OUTPUT" "$1/core.wasm" -Os
    return
  fi
  wasm_build "$WASM_PACKAGE" wasm target-wasm-js "${flags[@]}" || return
  "$(wasm_bindgen_program)" "$WASM_OUTPUT" --target no-modules --no-typescript --remove-name-section \
    --remove-producers-section --out-dir "$1/bindgen" --out-name core || return
  # For size: what is fast is so by its own optimisation level, see the profile in Cargo.toml.
  wasm_optimize "$1/bindgen/core_bg.wasm" "$1/core.wasm" -Oz || return
  node packages/sdk/scripts/glue.mjs "$1/bindgen/core.js" "$1/glue.js" || return
  rm -r "$1/bindgen"
}

wasm_module_tools() {
  local optimizer bindgen=
  wasm_toolchain && optimizer=$(wasm_opt_program) || return
  if [ "$WASM_NAME" = js ]; then
    bindgen=$(wasm_bindgen_program)
    bindgen="; $([ -n "$bindgen" ] && "$bindgen" --version)"
  fi
  echo "$WASM_TOOLCHAIN; $("$optimizer" --version)$bindgen"
}

# Sources, dependencies by version, and these scripts.
wasm_module_sources() {
  (
    cd "$WASM_ROOT" || exit
    export LC_ALL=C
    {
      cargo tree --quiet -p "$WASM_PACKAGE" --target "$WASM_TARGET" -e normal,build --prefix none --format '{p} {f}' |
        sed 's/ (\/[^)]*)//' | sort -u
      find Cargo.toml crates/op-bulk crates/op-protocol crates/op-core "$WASM_SOURCES" -type f \
        \( -name Cargo.toml -o -name build.rs -o -path '*/src/*' \) | sort | xargs sha256sum
      sha256sum ci/lib/wasm-toolchain.sh ci/lib/wasm-modules.sh packages/sdk/scripts/glue.mjs
    } | sha256sum | cut -d' ' -f1
  )
}

wasm_module_digest() {
  (cd "$1" && sha256sum "${WASM_FILES[@]}" | sha256sum | cut -d' ' -f1)
}

wasm_recorded() { sed -n "s/^ *\"$1\": \"\(.*\)\",\{0,1\}$/\1/p" "$WASM_RECORD"; }

# Prints the path of wasm-bindgen in the version of the crate, or nothing.
wasm_bindgen_program() {
  local program
  for program in "$WASM_ROOT/.tools/bin/wasm-bindgen" "$(command -v wasm-bindgen || true)"; do
    if [ "$("${program:-false}" --version 2>/dev/null || true)" = "wasm-bindgen $BINDGEN_VERSION" ]; then
      echo "$program"
      return
    fi
  done
}

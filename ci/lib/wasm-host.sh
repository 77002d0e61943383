# Shell functions for the Go module's core.wasm, shared by ci/build-wasm-host and ci/check-wasm. Source from bash.

. "$(dirname "${BASH_SOURCE[0]}")/wasm-toolchain.sh"

WASM_HOST_MODULE=$WASM_ROOT/go/internal/engine/core.wasm
WASM_HOST_RECORD=$WASM_HOST_MODULE.json

# Builds the module into the file $1.
wasm_host_build() {
  # wazero allocates the stack of every instance at once; the deepest call needs a fraction of this.
  wasm_build op-wasm-host wasm-host target-wasm-host -Clink-arg=-zstack-size=262144 || return
  # Smaller than with -O3, and so sooner compiled; the ciphers take the same time.
  wasm_optimize "$WASM_OUTPUT" "$1" -Os
}

# Prints the line that names all tools; equal lines give equal bytes.
wasm_host_toolchain() {
  local optimizer
  wasm_toolchain && optimizer=$(wasm_opt_program) && echo "$WASM_TOOLCHAIN; $("$optimizer" --version)"
}

# Prints a digest of everything that the module is made from: sources, dependencies by version, and these scripts.
wasm_host_source_digest() {
  (
    cd "$WASM_ROOT" || exit
    export LC_ALL=C
    {
      cargo tree --quiet -p op-wasm-host --target "$WASM_TARGET" -e normal,build --prefix none --format '{p} {f}' |
        sed 's/ (\/[^)]*)//' | sort -u
      find Cargo.toml crates/op-bulk crates/op-protocol crates/op-core wasm/host -type f \
        \( -name Cargo.toml -o -name build.rs -o -path '*/src/*' \) | sort | xargs sha256sum
      sha256sum ci/lib/wasm-toolchain.sh ci/lib/wasm-host.sh
    } | sha256sum | cut -d' ' -f1
  )
}

wasm_host_sha256() { sha256sum "$1" | cut -d' ' -f1; }

# Prints the member $1 of the record.
wasm_host_recorded() { sed -n "s/^ *\"$1\": \"\(.*\)\",\{0,1\}$/\1/p" "$WASM_HOST_RECORD"; }

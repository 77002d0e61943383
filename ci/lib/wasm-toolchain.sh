# Shell functions to build the WebAssembly modules. Source it from bash; it changes nothing until a function is called.
#
#   wasm_toolchain                                      choose the compiler; sets WASM_CARGO, WASM_TOOLCHAIN and friends
#   wasm_build PACKAGE PROFILE TARGET_DIR [RUSTFLAG..]  compile; sets WASM_OUTPUT to the raw module
#   wasm_optimize IN OUT [-O3|-Os|..]                   wasm-opt with the features that every host of ours accepts
#   wasm_sizes FILE..                                   print raw and gzip sizes
#
# Compilers, in this order: the one on PATH when it has the target (rustup), else Debian's packages
# rustc-web, cargo-web, rust-web-src and lld-22, which build the standard library from source.
# OPWIRE_WASM_COMPILER=path|debian forces one.

WASM_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
WASM_TARGET=wasm32-unknown-unknown

wasm_fail() {
  echo "wasm-toolchain: $*" >&2
  return 1
}

wasm_path_compiler_has_target() {
  local sysroot
  sysroot=$(rustc --print sysroot 2>/dev/null) && [ -d "$sysroot/lib/rustlib/$WASM_TARGET/lib" ]
}

# Sets WASM_CARGO, WASM_RUSTC, WASM_SYSROOT, WASM_BUILD_ARGS, WASM_LINKER_FLAGS, and WASM_TOOLCHAIN: the line that names
# the compiler where builds are compared.
wasm_toolchain() {
  [ -n "${WASM_TOOLCHAIN:-}" ] && return
  local choice=${OPWIRE_WASM_COMPILER:-}
  if [ -z "$choice" ]; then
    if wasm_path_compiler_has_target; then choice=path; else choice=debian; fi
  fi
  case $choice in
    path) wasm_use_path_compiler ;;
    debian) wasm_use_debian_compiler ;;
    *) wasm_fail "OPWIRE_WASM_COMPILER is \"$choice\"; it may be path or debian" ;;
  esac || return
  WASM_SYSROOT=$("$WASM_RUSTC" --print sysroot) || return
  WASM_TOOLCHAIN="$("$WASM_RUSTC" --version) $choice"
}

wasm_use_path_compiler() {
  wasm_path_compiler_has_target ||
    wasm_fail "the rustc on PATH has no $WASM_TARGET; run: rustup target add $WASM_TARGET" || return
  WASM_CARGO=$(command -v cargo)
  WASM_RUSTC=$(command -v rustc)
  WASM_BUILD_ARGS=()
  WASM_LINKER_FLAGS=()
}

# Absolute paths, because ~/.cargo/bin usually precedes /usr/bin.
wasm_use_debian_compiler() {
  local linker
  linker=$(command -v wasm-ld-22 || command -v wasm-ld) || linker=
  if [ ! -x /usr/bin/rustc ] || [ ! -x /usr/bin/cargo ] || [ ! -d /usr/lib/rustlib/src/rust/library ] || [ -z "$linker" ]; then
    wasm_fail "no compiler for $WASM_TARGET; run: rustup target add $WASM_TARGET" \
      "(or, on Debian: apt-get install rustc-web cargo-web rust-web-src lld-22)"
    return 1
  fi
  WASM_CARGO=/usr/bin/cargo
  WASM_RUSTC=/usr/bin/rustc
  WASM_BUILD_ARGS=('-Zbuild-std=std,panic_abort' '-Zbuild-std-features=optimize_for_size')
  WASM_LINKER_FLAGS=("-Clinker=$linker")
}

# wasm_build PACKAGE PROFILE TARGET_DIR [RUSTFLAG..]
# The bytes do not depend on the folder of the checkout, on $HOME, or on where the compiler is installed.
wasm_build() {
  local package=$1 profile=$2 target_dir=$3
  shift 3
  wasm_toolchain || return
  local cargo_home=${CARGO_HOME:-$HOME/.cargo}
  local flags=(
    "${WASM_LINKER_FLAGS[@]}"
    "--remap-path-prefix=$WASM_SYSROOT/lib/rustlib/src/rust=/rust"
    "--remap-path-prefix=$cargo_home=/cargo"
    "--remap-path-prefix=$WASM_ROOT=/opwire"
    "--remap-path-prefix=$WASM_ROOT/crates/op-core/src/methods=methods"
    "$@"
  )
  # Locations of panics have these paths, which are long.
  local registry
  for registry in "$cargo_home"/registry/src/*; do
    flags+=("--remap-path-prefix=$registry=")
  done
  # Debian's cargo refuses -Z without the bootstrap variable; the compiler on PATH must not see it.
  local bootstrap=()
  [ ${#WASM_BUILD_ARGS[@]} -gt 0 ] && bootstrap=(RUSTC_BOOTSTRAP=1)
  # The encoded form keeps flags whole when a path has a space. The crate type is repeated, because a crate that is also
  # a library is not optimised across crates otherwise.
  (
    cd "$WASM_ROOT" &&
      env -u RUSTFLAGS -u RUSTC_WRAPPER "${bootstrap[@]}" \
        RUSTC="$WASM_RUSTC" \
        CARGO_ENCODED_RUSTFLAGS="$(IFS=$'\x1f'; printf '%s' "${flags[*]}")" \
        CARGO_TARGET_DIR="$target_dir" \
        "$WASM_CARGO" rustc --profile "$profile" --target "$WASM_TARGET" "${WASM_BUILD_ARGS[@]}" -p "$package" \
          --lib --crate-type cdylib
  ) || return
  case $target_dir in /*) ;; *) target_dir=$WASM_ROOT/$target_dir ;; esac
  # shellcheck disable=SC2034 # Read by the scripts that source this.
  WASM_OUTPUT=$target_dir/$WASM_TARGET/$profile/${package//-/_}.wasm
}

wasm_opt_program() {
  local program=$WASM_ROOT/.tools/node_modules/.bin/wasm-opt
  if [ -x "$program" ]; then
    echo "$program"
  else
    command -v wasm-opt || wasm_fail "wasm-opt not found; run ci/build-wasm, which installs binaryen under .tools"
  fi
}

# wasm_optimize IN OUT [LEVEL]
# Features are named one by one: --all-features makes modules that wazero refuses. --low-memory-unused lets addresses
# be computed by loads and stores themselves, which differs only below address 1024: the last bytes of the stack, where an
# access may trap before the stack overflows.
wasm_optimize() {
  local program
  program=$(wasm_opt_program) || return
  "$program" "${3:--O3}" \
    --enable-bulk-memory --enable-bulk-memory-opt --enable-nontrapping-float-to-int --enable-sign-ext \
    --enable-mutable-globals --enable-reference-types --enable-multivalue \
    --strip-debug --strip-producers --strip-target-features --low-memory-unused --converge \
    "$1" -o "$2"
}

wasm_sizes() {
  local file
  for file in "$@"; do
    printf '%s: %d bytes, %d gzipped\n' "${file#"$WASM_ROOT"/}" "$(wc -c <"$file")" "$(gzip -9 -n -c "$file" | wc -c)"
  done
}

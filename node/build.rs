//! Configures the linker so that the symbols of Node's API are resolved in the program that loads the addon.

fn main() {
    napi_build::setup();
}

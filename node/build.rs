//! Leaves the symbols of Node's API to be found in the program that loads the addon.

fn main() {
    napi_build::setup();
}

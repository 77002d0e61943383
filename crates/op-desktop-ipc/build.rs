//! Keeps the library loaded once it is, because a thread of it may be running.

fn main() {
    napi_build::setup();
}

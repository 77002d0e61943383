//! The test vectors of `packages/contract/vectors`, which every language reads.

use std::path::PathBuf;

use serde_json::Value;

/// The path of a vector file, as in `recorded/vault-a.json`.
#[must_use]
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../packages/contract/vectors").join(name)
}

/// The content of a vector file.
///
/// # Panics
/// The file is missing or not JSON: the test cannot go on.
#[must_use]
#[allow(clippy::panic, reason = "a test without its data has failed")]
pub fn json(name: &str) -> Value {
    let path = path(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

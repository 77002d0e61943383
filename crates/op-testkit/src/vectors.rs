//! Reads the test vectors in `packages/contract/vectors`, which all languages share.

use std::path::PathBuf;

use serde_json::Value;

/// Returns the path of a vector file, such as `recorded/vault-a.json`.
#[must_use]
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../packages/contract/vectors").join(name)
}

/// Returns the content of a vector file.
///
/// # Panics
/// The file is missing or not valid JSON.
#[must_use]
pub fn json(name: &str) -> Value {
    read(path(name))
}

/// Returns the cases of a folder of vector files, in the order of their names.
///
/// # Panics
/// The folder or a file is missing, or is not valid JSON.
#[must_use]
pub fn cases(folder: &str) -> Vec<Value> {
    let files = std::fs::read_dir(path(folder)).expect("the folder of vectors is there");
    let mut paths: Vec<_> = files.map(|file| file.expect("the folder can be read").path()).collect();
    paths.sort();
    paths.into_iter().map(read).collect()
}

/// Returns the private keys of the tests that the SDKs accept, with the output of `ssh-keygen` for them.
///
/// # Panics
/// The file is missing or not valid JSON.
#[must_use]
pub fn ssh_keys() -> Vec<Value> {
    let keys = read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../op-core/tests/data/ssh-keys.json"));
    let keys = keys.as_array().into_iter().flatten();
    keys.filter(|key| key.get("openssh").is_some_and(Value::is_string)).cloned().collect()
}

#[allow(clippy::panic, reason = "a test without its data fails")]
fn read(path: PathBuf) -> Value {
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

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
pub fn json(name: &str) -> Value {
    read(path(name))
}

/// The cases of a folder of vector files, in the order of their names.
///
/// # Panics
/// The folder or a file is missing, or not JSON: the test cannot go on.
#[must_use]
pub fn cases(folder: &str) -> Vec<Value> {
    let files = std::fs::read_dir(path(folder)).expect("the folder of vectors is there");
    let mut paths: Vec<_> = files.map(|file| file.expect("the folder can be read").path()).collect();
    paths.sort();
    paths.into_iter().map(read).collect()
}

/// The private keys of the tests that the SDKs take, with what `ssh-keygen` says of them.
///
/// # Panics
/// The file is missing or not JSON: the test cannot go on.
#[must_use]
pub fn ssh_keys() -> Vec<Value> {
    let keys = read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../op-core/tests/data/ssh-keys.json"));
    let keys = keys.as_array().into_iter().flatten();
    keys.filter(|key| key.get("openssh").is_some_and(Value::is_string)).cloned().collect()
}

#[allow(clippy::panic, reason = "a test without its data has failed")]
fn read(path: PathBuf) -> Value {
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

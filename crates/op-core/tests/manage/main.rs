//! Vaults, groups, Environments and the people of an account, against the real server.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests fail the test")]

mod environments;
mod groups;
mod people;
mod rotation;
mod vaults;

use op_core::{Error, ErrorKind, Result};

/// The failure that a call has to have.
#[track_caller]
fn failure<T>(result: Result<T>, kind: ErrorKind) -> Error {
    match result {
        Ok(_) => panic!("expected {}", kind.name()),
        Err(error) => {
            assert_eq!(error.kind(), kind, "{error:?}");
            error
        }
    }
}

//! What several of these tests share.

use std::str::FromStr;

use op_core::{Error, ErrorKind, Result};
use op_protocol::id::NotAnId;

/// Returns the id with this text.
#[track_caller]
pub(crate) fn id<T: FromStr<Err = NotAnId>>(text: &str) -> T {
    text.parse().unwrap()
}

/// The failure that a call has to have.
#[track_caller]
pub(crate) fn failure<T>(result: Result<T>, kind: ErrorKind) -> Error {
    match result {
        Ok(_) => panic!("expected {}", kind.name()),
        Err(error) => {
            assert_eq!(error.kind(), kind, "{error:?}");
            error
        }
    }
}

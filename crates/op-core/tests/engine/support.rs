//! What several of these tests share.

use op_core::{Error, ErrorKind, Result};

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

//! Ids that callers pass in.

use op_protocol::id::is_id;

use crate::error::{Error, ErrorKind, Result};

/// Refuses what cannot be an id before anything is sent.
pub(crate) fn check(field: &str, id: &str) -> Result<()> {
    if is_id(id) {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::InvalidConfiguration, "the provided ID is not in a valid format").with_field(field))
    }
}

//! What a signed-in user may do, and how often.

pub(crate) mod limits;
pub(crate) mod permissions;
pub(crate) mod quota;

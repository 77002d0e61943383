//! Decisions, without I/O: what a permission allows, what a refusal says, and the limits.

pub(crate) mod account;
pub(crate) mod limits;
pub(crate) mod permissions;
pub(crate) mod refusal;
pub(crate) mod shares;

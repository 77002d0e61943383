//! Decisions, without I/O: what a permission allows, what a refusal says, how much is allowed.

pub(crate) mod account;
pub(crate) mod limits;
pub(crate) mod permissions;
pub(crate) mod quota;
pub(crate) mod refusal;

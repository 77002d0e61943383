//! The people and groups of an account.

pub(crate) mod groups;
pub(crate) mod users;

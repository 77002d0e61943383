//! Vaults, the access to them, and Environments.

pub(crate) mod access;
pub(crate) mod changes;
pub(crate) mod environments;

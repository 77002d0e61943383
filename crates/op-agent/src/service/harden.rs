//! Protects the agent's memory from other programs of the same user.

use anyhow::{Context, Result};
use nix::sys::{
    prctl::set_dumpable,
    resource::{Resource, setrlimit},
};

/// Refuses debuggers, reads of the process's memory, and core dumps.
///
/// # Errors
/// The system does not support it.
pub fn harden() -> Result<()> {
    set_dumpable(false).context("this process cannot be protected from debuggers")?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0).context("core dumps cannot be turned off")
}

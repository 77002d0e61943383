//! The clock and the random bytes of the operating system.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use op_protocol::id;

/// Unix seconds.
pub(crate) fn now() -> i64 {
    i64::try_from(since_1970().as_secs()).unwrap_or(i64::MAX)
}

/// Microseconds since 1970.
pub(crate) fn now_micros() -> i64 {
    i64::try_from(since_1970().as_micros()).unwrap_or(i64::MAX)
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Random bytes from the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// A new id, for a session, a request or a file.
pub(crate) fn new_id() -> Result<String, getrandom::Error> {
    Ok(id::new_id(random()?))
}

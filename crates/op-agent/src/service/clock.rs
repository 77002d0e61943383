//! The time since the machine started. Approvals end by it, because setting the clock does not change it.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// What tells the time; tests set their own.
pub trait Clock: Send + Sync + 'static {
    /// Returns the time since the start, with the time asleep.
    fn now(&self) -> Duration;

    /// Returns the time since the start, without the time asleep.
    fn awake(&self) -> Duration;
}

/// The clocks of the machine.
#[derive(Clone, Copy, Debug)]
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Duration {
        read(ClockId::CLOCK_BOOTTIME)
    }

    fn awake(&self) -> Duration {
        read(ClockId::CLOCK_MONOTONIC)
    }
}

fn read(clock: ClockId) -> Duration {
    // Linux has had both clocks since 2.6.39.
    clock_gettime(clock).map(Duration::from).unwrap_or_default()
}

//! How long things last.

use std::time::Duration;

/// The limits of the agent. Tests shorten them.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long an approval holds without a call.
    pub idle: Duration,
    /// How long an approval holds at most.
    pub longest: Duration,
    /// How long keys are kept after the password was typed.
    pub keys: Duration,
    /// How long a prompt is open.
    pub prompt: Duration,
    /// How long a program is refused without a prompt after the person denied it.
    pub silence: Duration,
    /// How many prompts a program gets in a minute.
    pub prompts_a_minute: usize,
    /// How many prompts all programs get in a minute.
    pub prompts_of_all: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(10 * 60),
            longest: Duration::from_secs(12 * 60 * 60),
            keys: Duration::from_secs(14 * 24 * 60 * 60),
            prompt: Duration::from_secs(60),
            silence: Duration::from_secs(60),
            prompts_a_minute: 3,
            prompts_of_all: 12,
        }
    }
}

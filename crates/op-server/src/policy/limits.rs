//! How often things may be done, which an operator decides, and how large an item may be.

use std::time::Duration;

/// The most characters that the two ciphertexts of an item may have together.
pub(crate) const MAX_ITEM: usize = 2 * 1024 * 1024;

/// The most bytes that an item's overview may have. A list has the overviews of all items of a vault.
const MAX_OVERVIEW_BYTES: usize = 64 * 1024;

/// The same in characters of the ciphertext: Base64 of what AES-GCM adds 16 bytes to.
pub(crate) const MAX_OVERVIEW: usize = ((MAX_OVERVIEW_BYTES + 16) * 4).div_ceil(3);

/// For how long after a sign-in a user may change what they sign in with.
pub(crate) const FRESH_SECONDS: i64 = 5 * 60;

/// How often something may be done. `u32::MAX` means no limit.
#[derive(Debug, Clone)]
pub struct RateLimits {
    /// Reading requests of one service account in an hour.
    pub reads_per_hour: u32,
    /// Writing requests of one service account in an hour.
    pub writes_per_hour: u32,
    /// Requests of all of an account's service accounts together in a day.
    pub account_requests_per_day: u32,
    /// Sign-ins that one address (IPv6: one /64 network) may begin in a minute.
    pub sign_ins_per_minute: u32,
    /// Wrong proofs for one e-mail address in a quarter of an hour, after which its sign-ins are refused until the
    /// quarter ends.
    pub failures_per_quarter_hour: u32,
    /// Requests about shares by people with a link, from one address (IPv6: one /64 network) in a minute.
    pub share_requests_per_minute: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            reads_per_hour: 10_000,
            writes_per_hour: 1_000,
            account_requests_per_day: 50_000,
            sign_ins_per_minute: 1_200,
            failures_per_quarter_hour: 30,
            share_requests_per_minute: 1_200,
        }
    }
}

impl RateLimits {
    /// No limit at all: for development and for measuring.
    #[must_use]
    pub fn unlimited() -> Self {
        Self {
            reads_per_hour: u32::MAX,
            writes_per_hour: u32::MAX,
            account_requests_per_day: u32::MAX,
            sign_ins_per_minute: u32::MAX,
            failures_per_quarter_hour: u32::MAX,
            share_requests_per_minute: u32::MAX,
        }
    }
}

/// One limit as the quota counts it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    /// Prefix of the counter's name.
    pub(crate) name: &'static str,
    pub(crate) most: u32,
    pub(crate) period: Duration,
}

const MINUTE: Duration = Duration::from_secs(60);
const QUARTER_HOUR: Duration = Duration::from_secs(15 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl RateLimits {
    pub(crate) fn reads(&self) -> Limit {
        Limit { name: "reads", most: self.reads_per_hour, period: HOUR }
    }

    pub(crate) fn writes(&self) -> Limit {
        Limit { name: "writes", most: self.writes_per_hour, period: HOUR }
    }

    pub(crate) fn account_requests(&self) -> Limit {
        Limit { name: "account", most: self.account_requests_per_day, period: DAY }
    }

    pub(crate) fn sign_ins(&self) -> Limit {
        Limit { name: "sign-in", most: self.sign_ins_per_minute, period: MINUTE }
    }

    pub(crate) fn share_requests(&self) -> Limit {
        Limit { name: "share", most: self.share_requests_per_minute, period: MINUTE }
    }

    pub(crate) fn failures(&self) -> Limit {
        Limit { name: "failures", most: self.failures_per_quarter_hour, period: QUARTER_HOUR }
    }
}

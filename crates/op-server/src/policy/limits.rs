//! How often things may be done, which an operator decides, how large an item may be, and how much there may be of
//! what people create.

use std::time::Duration;

use super::refusal::Refusal;

/// The most characters that the two ciphertexts of an item may have together.
pub(crate) const MAX_ITEM: usize = 2 * 1024 * 1024;

/// The most bytes that an item's overview may have. A list has the overviews of all items of a vault.
const MAX_OVERVIEW_BYTES: usize = 64 * 1024;

/// The same in characters of the ciphertext: Base64 of what AES-GCM adds 16 bytes to.
pub(crate) const MAX_OVERVIEW: usize = ((MAX_OVERVIEW_BYTES + 16) * 4).div_ceil(3);

/// How many there may be of something.
pub(crate) struct Most {
    most: u32,
    what: &'static str,
    remedy: &'static str,
}

impl Most {
    /// Refuses a change after which there are `count`.
    pub(crate) fn check(&self, count: i64) -> Result<(), Refusal> {
        let Self { most, what, remedy } = *self;
        if count <= i64::from(most) { Ok(()) } else { Err(Refusal::TooMany { most, what, remedy }) }
    }
}

/// Archived items count, deleted ones do not.
pub(crate) const ITEMS: Most =
    Most { most: 500_000, what: "items in this vault", remedy: "delete items that nobody needs, or use another vault" };
/// Personal vaults do not count: each comes with a person.
pub(crate) const VAULTS: Most =
    Most { most: 10_000, what: "vaults and Environments in this account", remedy: "delete those that nobody needs" };
pub(crate) const GROUPS: Most =
    Most { most: 1_000, what: "groups in this account", remedy: "delete groups that nobody needs" };
pub(crate) const SERVICE_ACCOUNTS: Most = Most {
    most: 10_000,
    what: "service accounts in this account",
    remedy: "revoke service accounts that nobody needs",
};
pub(crate) const INVITES: Most = Most {
    most: 1_000,
    what: "open invitations in this account",
    remedy: "delete invitations, or wait until some are accepted or have expired",
};

/// How many sessions one user may have. The oldest ends when there is one more.
pub(crate) const MAX_SESSIONS: i64 = 1_000;

/// How many changes of a vault's key may be unfinished. What the oldest has put aside is removed when one more begins.
pub(crate) const MAX_ROTATIONS: i64 = 4;

/// For how long after a sign-in a user may change what they sign in with.
pub(crate) const FRESH_SECONDS: i64 = 5 * 60;

/// How often something may be done. `u32::MAX` means no limit.
#[derive(Debug, Clone)]
pub struct RateLimits {
    /// Reading requests of one service account in an hour.
    pub reads_per_hour: u32,
    /// Writing requests of one service account in an hour.
    pub writes_per_hour: u32,
    /// Requests of all of an account's service accounts together in a day. One of them can have half of that.
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
            account_requests_per_day: 100_000,
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

    /// What one service account can have of its account's day: half, so that none uses up the others' day.
    pub(crate) fn share_of_account(&self) -> Limit {
        let all = self.account_requests_per_day;
        let most = if all == u32::MAX { all } else { all.div_ceil(2) };
        Limit { name: "service-account", most, period: DAY }
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

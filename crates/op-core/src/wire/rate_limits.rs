//! The rate limits that the server reports in the headers of each response. Reading them makes no request.
//!
//! The headers are those of draft-ietf-httpapi-ratelimit-headers: `ratelimit-policy: "reads";q=10000;w=3600` and
//! `ratelimit: "reads";r=9999;t=1800`, with several limits after commas.

use std::sync::Mutex;

use crate::{
    host::HttpResponse,
    lock::lock,
    plaintext::timestamp,
    types::{RateLimit, RateLimits},
};

/// The names of the limits in this protocol.
const NAMES: [&str; 3] = ["reads", "writes", "account"];

#[derive(Default)]
pub(crate) struct ReportedLimits(Mutex<[Option<Reported>; 3]>);

#[derive(Clone, Copy)]
struct Reported {
    limit: u32,
    remaining: u32,
    /// Seconds since the Unix epoch.
    resets_at: u64,
}

impl ReportedLimits {
    pub(crate) fn record(&self, response: &HttpResponse, now_seconds: u64) {
        let Some((counts, policies)) = response.header("ratelimit").zip(response.header("ratelimit-policy")) else {
            return;
        };
        let mut reported = lock(&self.0);
        for (entry, name) in reported.iter_mut().zip(NAMES) {
            let remaining = parameter(counts, name, "r");
            let resets_in = parameter(counts, name, "t");
            let limit = parameter(policies, name, "q");
            if let (Some(remaining), Some(resets_in), Some(limit)) = (remaining, resets_in, limit) {
                *entry = Some(Reported { limit, remaining, resets_at: now_seconds.saturating_add(resets_in.into()) });
            }
        }
    }

    /// Returns the limits reported last whose windows have not ended.
    pub(crate) fn current(&self, now_seconds: u64) -> RateLimits {
        let reported = *lock(&self.0);
        let [reads, writes, account] = reported.map(|reported| {
            reported.filter(|reported| reported.resets_at > now_seconds).map(|reported| RateLimit {
                limit: reported.limit,
                remaining: reported.remaining,
                resets_at: timestamp::rfc3339(reported.resets_at),
            })
        });
        RateLimits { reads, writes, account }
    }
}

/// Returns the number of `key` in the entry `name`, as in `"name";key=number`.
fn parameter(header: &str, name: &str, key: &str) -> Option<u32> {
    let entry = header.split(',').map(str::trim).find_map(|entry| {
        let rest = entry.strip_prefix('"')?.strip_prefix(name)?.strip_prefix('"')?;
        (rest.is_empty() || rest.starts_with(';')).then_some(rest)
    })?;
    entry.split(';').find_map(|part| part.trim().strip_prefix(key)?.strip_prefix('=')?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(counts: &str, policies: &str) -> HttpResponse {
        let headers = [("RateLimit", counts), ("RateLimit-Policy", policies)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        HttpResponse { status: 200, headers, body: Vec::new() }
    }

    #[test]
    fn the_last_report_counts_until_its_window_ends() {
        let reported = ReportedLimits::default();
        assert_eq!(reported.current(0), RateLimits::default());
        let policies = "\"reads\";q=10;w=60, \"account\"; q=50;w=3600";
        reported.record(&answer("\"reads\";r=5;t=30,\"account\";r=7;t=60", policies), 1_000);
        reported.record(&answer("\"reads\";r=4;t=29", policies), 1_001);
        reported.record(&answer("", policies), 1_002);
        let current = reported.current(1_002);
        assert_eq!(current.reads.map(|reads| (reads.limit, reads.remaining)), Some((10, 4)));
        assert_eq!(current.account.map(|account| account.resets_at).as_deref(), Some("1970-01-01T00:17:40Z"));
        assert_eq!(current.writes, None);
        assert_eq!(reported.current(1_030).reads, None);
    }

    #[test]
    fn malformed_headers_are_ignored() {
        for bad in
            ["\"reads\"", "\"reads\";r=x;t=1", "\"reads\";r=-1;t=1", "reads;r=1;t=1", ",;=\"", "\"readsx\";r=1;t=1"]
        {
            let reported = ReportedLimits::default();
            reported.record(&answer(bad, "\"reads\";q=1;w=1"), 0);
            assert_eq!(reported.current(0), RateLimits::default(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(counts in "[\"reads;=rt0-9, é]{0,40}", policies in "[\"reads;=qw0-9, é]{0,40}") {
            ReportedLimits::default().record(&answer(&counts, &policies), u64::MAX);
        }
    }
}

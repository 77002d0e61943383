//! What the server says of its limits beside its answers, noted so that asking costs no request.
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

/// The limits that servers of this protocol have.
const NAMES: [&str; 3] = ["reads", "writes", "account"];

#[derive(Default)]
pub(crate) struct NotedLimits(Mutex<[Option<Noted>; 3]>);

#[derive(Clone, Copy)]
struct Noted {
    limit: u32,
    remaining: u32,
    /// Seconds since the Unix epoch.
    resets_at: u64,
}

impl NotedLimits {
    pub(crate) fn note(&self, response: &HttpResponse, now_seconds: u64) {
        let Some((standings, policies)) = response.header("ratelimit").zip(response.header("ratelimit-policy")) else {
            return;
        };
        let mut noted = lock(&self.0);
        for (entry, name) in noted.iter_mut().zip(NAMES) {
            let remaining = parameter(standings, name, "r");
            let resets_in = parameter(standings, name, "t");
            let limit = parameter(policies, name, "q");
            if let (Some(remaining), Some(resets_in), Some(limit)) = (remaining, resets_in, limit) {
                *entry = Some(Noted { limit, remaining, resets_at: now_seconds.saturating_add(resets_in.into()) });
            }
        }
    }

    /// What was noted last, of windows that are not over.
    pub(crate) fn standing(&self, now_seconds: u64) -> RateLimits {
        let noted = *lock(&self.0);
        let [reads, writes, account] = noted.map(|noted| {
            noted.filter(|noted| noted.resets_at > now_seconds).map(|noted| RateLimit {
                limit: noted.limit,
                remaining: noted.remaining,
                resets_at: timestamp::rfc3339(noted.resets_at),
            })
        });
        RateLimits { reads, writes, account }
    }
}

/// A number of the entry `name`, as in `"name";key=number`.
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

    fn answer(standings: &str, policies: &str) -> HttpResponse {
        let headers = [("RateLimit", standings), ("RateLimit-Policy", policies)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        HttpResponse { status: 200, headers, body: Vec::new() }
    }

    #[test]
    fn the_last_word_counts_until_its_window_ends() {
        let noted = NotedLimits::default();
        assert_eq!(noted.standing(0), RateLimits::default());
        let policies = "\"reads\";q=10;w=60, \"account\"; q=50;w=3600";
        noted.note(&answer("\"reads\";r=5;t=30,\"account\";r=7;t=60", policies), 1_000);
        noted.note(&answer("\"reads\";r=4;t=29", policies), 1_001);
        noted.note(&answer("", policies), 1_002);
        let standing = noted.standing(1_002);
        assert_eq!(standing.reads.map(|reads| (reads.limit, reads.remaining)), Some((10, 4)));
        assert_eq!(standing.account.map(|account| account.resets_at).as_deref(), Some("1970-01-01T00:17:40Z"));
        assert_eq!(standing.writes, None);
        assert_eq!(noted.standing(1_030).reads, None);
    }

    #[test]
    fn what_is_no_such_header_is_passed_over() {
        for bad in
            ["\"reads\"", "\"reads\";r=x;t=1", "\"reads\";r=-1;t=1", "reads;r=1;t=1", ",;=\"", "\"readsx\";r=1;t=1"]
        {
            let noted = NotedLimits::default();
            noted.note(&answer(bad, "\"reads\";q=1;w=1"), 0);
            assert_eq!(noted.standing(0), RateLimits::default(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(standings in "[\"reads;=rt0-9, é]{0,40}", policies in "[\"reads;=qw0-9, é]{0,40}") {
            NotedLimits::default().note(&answer(&standings, &policies), u64::MAX);
        }
    }
}

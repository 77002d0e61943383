//! Times on the wire: RFC 3339, UTC, whole seconds.

use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// The time of these seconds since the Unix epoch; the epoch itself for those that no calendar has.
pub(crate) fn utc(seconds: u64) -> OffsetDateTime {
    i64::try_from(seconds).ok().and_then(from_seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// The time of these seconds since the Unix epoch, in years of four digits.
pub(crate) fn from_seconds(seconds: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(seconds).ok().filter(has_four_digits)
}

/// Any RFC 3339 time, in UTC.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()?.checked_to_offset(UtcOffset::UTC).filter(has_four_digits)
}

/// Whether a time that [`parse`] reads is written as [`text`] writes it: most are.
pub(crate) fn is_canonical(text: &str) -> bool {
    // A leap second is read as the one before.
    matches!(text.as_bytes(), [_, _, _, _, _, _, _, _, _, _, b'T', .., tens, _, b'Z'] if text.len() == 20 && *tens < b'6')
}

/// The calendar goes back beyond the year 0, which has no form on the wire.
fn has_four_digits(time: &OffsetDateTime) -> bool {
    (0..=9999).contains(&time.year())
}

/// A time in UTC as the protocol writes it; fractions are dropped.
pub(crate) fn text(time: OffsetDateTime) -> String {
    format!("{}T{:02}:{:02}:{:02}Z", date(time), time.hour(), time.minute(), time.second())
}

/// The day of a time, as in `2026-11-22`.
pub(crate) fn date(time: OffsetDateTime) -> String {
    format!("{:04}-{:02}-{:02}", time.year(), u8::from(time.month()), time.day())
}

/// Seconds since the Unix epoch as the protocol writes them.
pub(crate) fn rfc3339(seconds: u64) -> String {
    text(utc(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_canonical_is_what_would_be_written() {
        let times = ["2026-11-22T23:08:33Z", "2026-11-22t23:08:33z", "2016-12-31T23:59:60Z", "2026-11-22T23:08:33.5Z"];
        for time in times.into_iter().chain(["2026-11-22T23:08:33+00:00", "2024-02-29T00:00:59Z"]) {
            let written = text(parse(time).unwrap());
            assert_eq!(is_canonical(time), written == time, "{time}");
        }
    }

    #[test]
    fn years_have_four_digits() {
        assert_eq!(parse("0000-01-01T00:00:00Z").map(text).as_deref(), Some("0000-01-01T00:00:00Z"));
        assert_eq!(parse("9999-12-31T23:59:59Z").map(text).as_deref(), Some("9999-12-31T23:59:59Z"));
        assert_eq!(parse("0000-01-01T00:00:00+00:01"), None);
        assert_eq!(parse("9999-12-31T23:59:59-00:01"), None);
        assert_eq!(from_seconds(-62_167_219_201), None);
        assert_eq!(from_seconds(-62_167_219_200).map(date).as_deref(), Some("0000-01-01"));
    }
}

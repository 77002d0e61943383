//! Times on the wire: RFC 3339, UTC, whole seconds.

use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// Returns the time at these seconds since the Unix epoch; the epoch itself if the calendar does not have it.
pub(crate) fn utc(seconds: u64) -> OffsetDateTime {
    i64::try_from(seconds).ok().and_then(from_seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Returns the time at these seconds since the Unix epoch, if its year has four digits.
pub(crate) fn from_seconds(seconds: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(seconds).ok().filter(has_four_digits)
}

/// Parses any RFC 3339 time, and returns it in UTC.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()?.checked_to_offset(UtcOffset::UTC).filter(has_four_digits)
}

/// Whether a time that [`parse`] accepts is written as [`text`] writes it. Most are, which saves formatting them.
pub(crate) fn is_canonical(text: &str) -> bool {
    // A leap second is parsed as the second before it.
    matches!(text.as_bytes(), [_, _, _, _, _, _, _, _, _, _, b'T', .., tens, _, b'Z'] if text.len() == 20 && *tens < b'6')
}

/// Whether the year has four digits. The calendar also has earlier and later years, which have no form on the wire.
fn has_four_digits(time: &OffsetDateTime) -> bool {
    (0..=9999).contains(&time.year())
}

/// Formats a time in UTC for the protocol, without fractions of a second.
pub(crate) fn text(time: OffsetDateTime) -> String {
    format!("{}T{:02}:{:02}:{:02}Z", date(time), time.hour(), time.minute(), time.second())
}

/// Formats the date of a time, as in `2026-11-22`.
pub(crate) fn date(time: OffsetDateTime) -> String {
    format!("{:04}-{:02}-{:02}", time.year(), u8::from(time.month()), time.day())
}

/// Formats seconds since the Unix epoch for the protocol.
pub(crate) fn rfc3339(seconds: u64) -> String {
    text(utc(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_times_are_those_that_are_written() {
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

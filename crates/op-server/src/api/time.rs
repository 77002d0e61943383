//! Times: RFC 3339 on the wire, Unix seconds in the store.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

pub(super) fn write(seconds: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    // Formatting fails only for years of more than four digits, which cannot occur here.
    time.format(&Rfc3339).unwrap_or_default()
}

/// With milliseconds.
pub(super) fn write_millis(micros: i64) -> String {
    let whole = write(micros.div_euclid(1_000_000));
    let millis = micros.rem_euclid(1_000_000) / 1_000;
    whole.strip_suffix('Z').map(|whole| format!("{whole}.{millis:03}Z")).unwrap_or(whole.clone())
}

/// None: not RFC 3339. Fractions of a second are dropped.
pub(super) fn read(text: &str) -> Option<i64> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_have_three_digits() {
        assert_eq!(write_millis(1_795_388_913_004_999), "2026-11-22T23:08:33.004Z");
    }

    #[test]
    fn times_of_any_offset_are_the_same_second() {
        for text in ["2026-11-22T23:08:33Z", "2026-11-23T00:08:33.75+01:00"] {
            assert_eq!(read(text).map(write).as_deref(), Some("2026-11-22T23:08:33Z"));
        }
        for text in ["2026-11-22", "1795388913", ""] {
            assert_eq!(read(text), None);
        }
    }
}

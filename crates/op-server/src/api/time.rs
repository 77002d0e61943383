//! Times: RFC 3339 on the wire, Unix seconds in the store.

use jiff::Timestamp;

pub(super) fn write(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or_default().to_string()
}

/// None: not RFC 3339. Fractions of a second are dropped.
pub(super) fn read(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

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

//! The header `Range`, RFC 9110 section 14.

use std::ops::Range;

use axum::http::{HeaderMap, HeaderValue, header};

use super::extract::text;

/// What a request asks for of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    All,
    /// A part that is not empty.
    Part(Range<u64>),
    /// A range that the file does not have.
    Nothing,
}

impl Asked {
    /// The header `Content-Range` of the response.
    pub(super) fn content_range(&self, size: u64) -> Option<HeaderValue> {
        let range = match self {
            Self::All => return None,
            Self::Part(part) => format!("bytes {}-{}/{size}", part.start, part.end - 1),
            Self::Nothing => format!("bytes */{size}"),
        };
        HeaderValue::try_from(range).ok()
    }
}

/// Returns what these headers ask for of a file whose entity tag is `tag`. Several ranges, other units and what is
/// malformed ask for all of it, as servers may ignore the header.
pub(super) fn asked(headers: &HeaderMap, tag: &str, size: u64) -> Asked {
    let is_this = text(headers, header::IF_RANGE.as_str()).is_none_or(|asked| asked.trim_matches('"') == tag);
    match text(headers, header::RANGE.as_str()).filter(|_| is_this).and_then(bounds) {
        None => Asked::All,
        Some((None, Some(0) | None)) => Asked::Nothing,
        Some((None, Some(last))) if size > 0 => Asked::Part(size.saturating_sub(last)..size),
        Some((Some(first), last)) if first < size => {
            Asked::Part(first..last.map_or(size, |last| last.saturating_add(1).min(size)))
        }
        Some(_) => Asked::Nothing,
    }
}

/// The numbers on both sides of the dash of one range.
fn bounds(range: &str) -> Option<(Option<u64>, Option<u64>)> {
    let number = |text: &str| match text {
        "" => Some(None),
        text if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok().map(Some),
        _ => None,
    };
    let (first, last) = range.strip_prefix("bytes=")?.trim().split_once('-')?;
    match (number(first)?, number(last)?) {
        (None, None) => None,
        (Some(first), Some(last)) if last < first => None,
        bounds => Some(bounds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &str, if_range: Option<&str>) -> Asked {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, range.parse().unwrap());
        if let Some(tag) = if_range {
            headers.insert(header::IF_RANGE, tag.parse().unwrap());
        }
        asked(&headers, "tag", 10)
    }

    #[test]
    fn one_range_is_a_part() {
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=0-9", 0..10),
            ("bytes=3-", 3..10),
            ("bytes=3-99", 3..10),
            ("bytes=-4", 6..10),
            ("bytes=-99", 0..10),
            ("bytes=9-18446744073709551615", 9..10),
        ] {
            assert_eq!(of(range, None), Asked::Part(part.clone()), "{range}");
            assert_eq!(of(range, Some("\"tag\"")), Asked::Part(part), "{range}");
            assert_eq!(of(range, Some("\"other\"")), Asked::All, "{range}");
        }
    }

    #[test]
    fn what_the_file_does_not_have_is_nothing() {
        for range in ["bytes=10-", "bytes=10-20", "bytes=-0"] {
            assert_eq!(of(range, None), Asked::Nothing, "{range}");
        }
        assert_eq!(Asked::Nothing.content_range(10).unwrap(), "bytes */10");
        assert_eq!(Asked::Part(6..10).content_range(10).unwrap(), "bytes 6-9/10");
    }

    #[test]
    fn anything_else_is_ignored() {
        for range in ["bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,3-4", "items=0-1", "bytes=a-b", "bytes=+1-2", "0-1"]
        {
            assert_eq!(of(range, None), Asked::All, "{range}");
        }
    }
}

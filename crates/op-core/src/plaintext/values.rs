//! Field values: the SDK's texts, and the JSON in plaintexts.

use serde_json::Value;
use time::{Date, Month, Time};

use crate::{
    plaintext::timestamp,
    types::{AddressFieldDetails, ItemFieldType},
};

/// Returns the text of a stored value; empty for values of the wrong JSON type.
pub(crate) fn read(field_type: ItemFieldType, value: &Value) -> String {
    readable(field_type, value).unwrap_or_default()
}

/// Returns the text of a stored value, if the value is valid for its type. A number that is not a month has none.
pub(crate) fn readable(field_type: ItemFieldType, value: &Value) -> Option<String> {
    match field_type {
        ItemFieldType::Unsupported => None,
        ItemFieldType::MonthYear => number(value).and_then(month_year),
        ItemFieldType::Date => number(value).and_then(date),
        ItemFieldType::Address => address(value).map(|address| one_line(&address)),
        _ => value.as_str().map(str::to_owned),
    }
}

/// Reads a number, which some programs store as text.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Converts `YYYYMM`, or `YYMM` in this century, to `MM/YYYY`.
fn month_year(value: i64) -> Option<String> {
    let (year, month) = (full_year(value / 100)?, value % 100);
    (1..=12).contains(&month).then(|| format!("{month:02}/{year:04}"))
}

/// Returns the year with its century, if it is in the range that can be stored.
fn full_year(year: i64) -> Option<i64> {
    match year {
        0..=99 => Some(2000 + year),
        1000..=2999 => Some(year),
        _ => None,
    }
}

fn date(seconds: i64) -> Option<String> {
    timestamp::from_seconds(seconds).map(timestamp::date)
}

/// Returns the parts of a stored address; missing parts are empty.
pub(super) fn address(value: &Value) -> Option<AddressFieldDetails> {
    let part = |name| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    value.is_object().then(|| AddressFieldDetails {
        street: part("street"),
        city: part("city"),
        country: part("country"),
        zip: part("zip"),
        state: part("state"),
    })
}

/// Formats an address as `1 Main St, Toronto ON M5V 1A1, ca`, without empty parts.
fn one_line(address: &AddressFieldDetails) -> String {
    let join = |parts: &[&str], separator| {
        parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(separator)
    };
    let place = join(&[&address.city, &address.state, &address.zip], " ");
    join(&[&address.street, &place, &address.country], ", ")
}

/// Returns the JSON to store for a text that is not empty, or what is wrong with the text.
pub(super) fn write(field_type: ItemFieldType, text: &str) -> Result<Value, &'static str> {
    match field_type {
        ItemFieldType::MonthYear => month_year_number(text).map(Value::from),
        ItemFieldType::Date => noon(text).map(Value::from),
        _ => Ok(Value::from(text)),
    }
}

/// Returns the stored form, without empty parts; `None` if all are empty.
pub(super) fn write_address(address: &AddressFieldDetails) -> Option<Value> {
    let AddressFieldDetails { street, city, country, zip, state } = address;
    let parts = [("street", street), ("city", city), ("state", state), ("country", country), ("zip", zip)];
    let mut written = parts.into_iter().filter(|(_, part)| !part.is_empty()).peekable();
    written.peek()?;
    Some(written.map(|(name, part)| (name, part.as_str())).collect())
}

/// Converts `MM/YYYY` to the number `YYYYMM`.
fn month_year_number(text: &str) -> Result<i64, &'static str> {
    let parts = || {
        let (month, year) = text.split_once('/')?;
        Some((i64::from(digits(month, 2)?), i64::from(digits(year, 4)?)))
    };
    let (month, year) = parts().ok_or("invalid month-year format. must be MM/YYYY")?;
    let year = full_year(year).filter(|_| (1..=12).contains(&month));
    year.map(|year| year * 100 + month).ok_or("error parsing month-year field: OutOfRangeError")
}

/// Converts a date to a time. Like the apps, it uses one minute past noon in UTC, which is on the same day in most time
/// zones.
fn noon(text: &str) -> Result<i64, &'static str> {
    let parts = || {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        Some((digits(year, 4)?, digits(month, 2)?, digits(day, 2)?))
    };
    let (year, month, day) = parts().ok_or("invalid date format. must be YYYY-MM-DD")?;
    let year = i32::try_from(year).ok().filter(|year| (1000..=2999).contains(year));
    let year = year.ok_or("invalid year: must be between 1000 and 2999, inclusive")?;
    let month = u8::try_from(month).ok().and_then(|month| Month::try_from(month).ok()).ok_or("invalid month")?;
    let day = u8::try_from(day).ok().and_then(|day| Date::from_calendar_date(year, month, day).ok());
    let past_noon = Time::from_hms(12, 1, 0).ok();
    let time = day.zip(past_noon).ok_or("invalid day")?;
    Ok(time.0.with_time(time.1).assume_utc().unix_timestamp())
}

fn digits(text: &str, length: usize) -> Option<u32> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_are_stored_past_noon_and_read_as_the_utc_day() {
        for (text, seconds) in [("1998-03-15", 889_963_260), ("1969-12-31", -43_140), ("2024-02-29", 1_709_208_060)] {
            assert_eq!(write(ItemFieldType::Date, text), Ok(json!(seconds)));
            assert_eq!(read(ItemFieldType::Date, &json!(seconds)), text);
        }
        assert_eq!(read(ItemFieldType::Date, &json!(1_728_670_021)), "2024-10-11");
        for (problem, texts) in [
            (
                "invalid date format. must be YYYY-MM-DD",
                ["2024-1-1", "15.03.1998", "+024-01-01", "2024-01-01T00:00:00Z", "-"].as_slice(),
            ),
            ("invalid year: must be between 1000 and 2999, inclusive", &["0999-12-31", "3000-01-01", "0000-13-01"]),
            ("invalid month", &["2024-13-01", "2024-00-01"]),
            ("invalid day", &["2023-02-29", "2024-01-00"]),
        ] {
            for text in texts {
                assert_eq!(write(ItemFieldType::Date, text), Err(problem), "{text}");
            }
        }
    }

    #[test]
    fn months_are_stored_as_numbers() {
        assert_eq!(write(ItemFieldType::MonthYear, "01/2030"), Ok(json!(203_001)));
        for stored in [json!(203_001), json!("203001"), json!(3001), json!(" 3001\n")] {
            assert_eq!(read(ItemFieldType::MonthYear, &stored), "01/2030", "{stored}");
        }
        // Years of two digits are in this century, as in the public SDKs.
        assert_eq!(write(ItemFieldType::MonthYear, "01/0030"), Ok(json!(203_001)));
        for text in ["1/2030", "2030/01", "01-2030", "/", "01/20300"] {
            let problem = "invalid month-year format. must be MM/YYYY";
            assert_eq!(write(ItemFieldType::MonthYear, text), Err(problem), "{text}");
        }
        for text in ["13/2030", "00/2030", "01/0999", "01/3000"] {
            let problem = "error parsing month-year field: OutOfRangeError";
            assert_eq!(write(ItemFieldType::MonthYear, text), Err(problem), "{text}");
        }
    }

    #[test]
    fn values_of_the_wrong_type_read_as_empty() {
        let cases = [
            (ItemFieldType::Text, json!(5)),
            (ItemFieldType::Concealed, json!({"a": 1})),
            (ItemFieldType::Date, json!("1998-03-15")),
            (ItemFieldType::Date, json!(i64::MAX)),
            (ItemFieldType::Date, json!(1.5)),
            (ItemFieldType::MonthYear, json!("01/2030")),
            (ItemFieldType::MonthYear, json!(203_013)),
            (ItemFieldType::MonthYear, json!(20_301)),
            (ItemFieldType::MonthYear, json!(0)),
            (ItemFieldType::MonthYear, json!(-203_001)),
            (ItemFieldType::MonthYear, json!(999_912)),
            (ItemFieldType::MonthYear, json!(u64::MAX)),
            (ItemFieldType::Address, json!("1 Main St")),
            (ItemFieldType::Unsupported, json!("x")),
        ];
        for (field_type, value) in cases {
            assert_eq!(read(field_type, &value), "", "{field_type:?} {value}");
        }
    }

    #[test]
    fn empty_parts_of_an_address_leave_no_gap() {
        let line = |address| read(ItemFieldType::Address, &address);
        assert_eq!(
            line(json!({"street": "1 Main", "city": "X", "state": "CA", "zip": "1", "country": "us"})),
            "1 Main, X CA 1, us"
        );
        assert_eq!(line(json!({"street": "1 Main", "zip": "1"})), "1 Main, 1");
        assert_eq!(line(json!({"country": "us"})), "us");
        assert_eq!(line(json!({})), "");
    }

    #[test]
    fn empty_parts_of_an_address_are_not_stored() {
        let empty = address(&json!({})).unwrap();
        assert_eq!(write_address(&empty), None);
        let city = json!({"city": "London"});
        assert_eq!(write_address(&address(&city).unwrap()), Some(city));
    }

    proptest! {
        #[test]
        fn written_values_read_the_same(seconds in -30_610_224_000i64..32_503_680_000) {
            let text = read(ItemFieldType::Date, &json!(seconds));
            let stored = write(ItemFieldType::Date, &text).unwrap();
            prop_assert_eq!(read(ItemFieldType::Date, &stored), &*text);
            prop_assert_eq!(read(ItemFieldType::Date, &json!(stored.to_string())), text);
        }

        #[test]
        fn a_number_is_a_month_or_nothing(number: i64, near in -1i64..400_000) {
            for number in [number, near] {
                let text = read(ItemFieldType::MonthYear, &json!(number));
                prop_assert_eq!(&text, &read(ItemFieldType::MonthYear, &json!(number.to_string())));
                if !text.is_empty() {
                    let stored = write(ItemFieldType::MonthYear, &text).unwrap().as_i64().unwrap();
                    prop_assert_eq!(stored, if number < 10_000 { 200_000 + number } else { number });
                }
            }
        }
    }
}

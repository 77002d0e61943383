//! Where in a JSON text a decoder stopped, as the path of members that a caller wrote.

/// The path of the value at which `error` arose while `text` was read, such as `filters[0].content.active`.
///
/// The text is JSON that was read once already; only its strings and brackets matter here.
pub(crate) fn at_error(text: &str, error: &serde_json::Error) -> String {
    let mut levels = levels_at(text, offset(text, error));
    if let Some(missing) = missing_member(error)
        && let Some(Level::Object(member)) = levels.last_mut()
    {
        // The decoder noticed at the end of the object, after the last member that is there.
        *member = Some(missing);
    }
    path(levels)
}

/// The decoder's reason without its position, with the path where the reason does not name it.
pub(crate) fn describe(path: &str, error: &serde_json::Error) -> String {
    let full = error.to_string();
    let reason = full.rsplit_once(" at line ").map_or(full.as_str(), |(reason, _)| reason);
    let reason = without_value(reason);
    if path.is_empty() || missing_member(error).is_some() { reason } else { format!("`{path}`: {reason}") }
}

/// `invalid type: string "six", expected u32` without the `six`, which may be a secret in the wrong place.
fn without_value(reason: &str) -> String {
    let told = ["invalid type: ", "invalid value: "].iter().any(|start| reason.starts_with(start));
    match (reason.find(['"', '`']), reason.rfind(", expected ")) {
        (Some(value), Some(expected)) if told && value < expected => {
            let (before, after) = (reason.get(..value), reason.get(expected..));
            [before.unwrap_or_default().trim_end(), after.unwrap_or_default()].concat()
        }
        _ => reason.to_owned(),
    }
}

/// The line and column that follow `part`, a slice of `text`, and the blanks after it.
pub(crate) fn position_after(text: &str, part: &str) -> (usize, usize) {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let end = start + part.len();
    let rest = text.get(end..).unwrap_or_default();
    let next = end + (rest.len() - rest.trim_start().len());
    let before = text.get(..next).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, next - line_start + 1)
}

fn missing_member(error: &serde_json::Error) -> Option<String> {
    let text = error.to_string();
    let rest = text.strip_prefix("missing field `")?;
    rest.split_once('`').map(|(member, _)| member.to_owned())
}

fn offset(text: &str, error: &serde_json::Error) -> usize {
    let line_start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let last = line_start + error.column().saturating_sub(1);
    // Of a value that it did not begin to read, the decoder tells the place before.
    let before_value = text.as_bytes().get(last).is_some_and(|byte| b":,[".contains(byte));
    last + usize::from(before_value)
}

enum Level {
    Object(Option<String>),
    Array(usize),
}

fn levels_at(text: &str, offset: usize) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    let mut string_start = None;
    let mut escaped = false;
    let mut last_string = "";
    for (at, byte) in text.bytes().enumerate().take_while(|(at, _)| *at < offset) {
        if let Some(start) = string_start {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    last_string = text.get(start..at).unwrap_or_default();
                    string_start = None;
                }
                _ => {}
            }
            continue;
        }
        match (byte, levels.last_mut()) {
            (b'"', _) => string_start = Some(at + 1),
            (b'{', _) => levels.push(Level::Object(None)),
            (b'[', _) => levels.push(Level::Array(0)),
            (b'}' | b']', _) => {
                levels.pop();
            }
            (b':', Some(Level::Object(member))) => *member = Some(last_string.to_owned()),
            (b',', Some(Level::Object(member))) => *member = None,
            (b',', Some(Level::Array(index))) => *index += 1,
            _ => {}
        }
    }
    levels
}

fn path(levels: Vec<Level>) -> String {
    let mut path = String::new();
    for level in levels {
        match level {
            Level::Object(Some(member)) if path.is_empty() => path = member,
            Level::Object(Some(member)) => path = format!("{path}.{member}"),
            Level::Object(None) => {}
            Level::Array(index) => path = format!("{path}[{index}]"),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Outer {
        #[expect(dead_code, reason = "decoding it is the test")]
        list: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        #[expect(dead_code, reason = "decoding it is the test")]
        flag: bool,
    }

    fn path_of(text: &str) -> String {
        at_error(text, &serde_json::from_str::<Outer>(text).unwrap_err())
    }

    #[test]
    fn names_the_member_at_fault() {
        assert_eq!(path_of(r#"{"list":5}"#), "list");
        assert_eq!(path_of(r#"{"other":"{[\"","list":[{"flag":true},{"flag":"x"}]}"#), "list[1].flag");
        assert_eq!(path_of("{}"), "list");
        assert_eq!(path_of(r#"{"list":[{"a":1}]}"#), "list[0].flag");
    }

    #[test]
    fn values_are_not_told() {
        let reason = |text| {
            let error = serde_json::from_str::<Outer>(text).unwrap_err();
            describe(&at_error(text, &error), &error)
        };
        assert_eq!(reason(r#"{"list":"hush, expected \"hush"}"#), "`list`: invalid type: string, expected a sequence");
        assert_eq!(reason(r#"{"list":[{"flag":1234}]}"#), "`list[0].flag`: invalid type: integer, expected a boolean");
        assert_eq!(reason(r#"{"list":{}}"#), "`list`: invalid type: map, expected a sequence");
        assert_eq!(reason("{}"), "missing field `list`");
    }

    #[test]
    fn positions_count_lines() {
        let text = "{\n \"invocation\": null }";
        let start = text.find("null").unwrap();
        assert_eq!(position_after(text, &text[start..start + 4]), (2, 21));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in ".{0,60}", offset in 0_usize..80) {
            let _ = path(levels_at(&text, offset));
        }
    }
}

//! Writes `NAME=value` lines that shells, `opwire run`, `opwire env import`, and the `.env` readers of Node and Python
//! all read as the same value.
//!
//! The readers differ: between single quotes, python-dotenv reads `\\` as one backslash and expands `${...}`; between
//! double quotes, Node's dotenv keeps the backslash of an escape, and a shell keeps that of `\n`. A value that no line
//! can express for all of them is refused, and the error names its variable.

use anyhow::{Result, bail};
use op_core::is_variable_name;
use zeroize::Zeroizing;

/// Returns the line for a variable.
pub(crate) fn line(name: &str, value: &str) -> Result<Zeroizing<String>> {
    if !is_variable_name(name) {
        bail!("{name:?} is not a valid variable name: use letters, digits and _, and do not begin with a digit");
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_./:@%+,-=".contains(letter);
    if let Some(reason) = unreadable(value) {
        bail!("the value of {name} {reason}: print it with `opwire env get`");
    }
    if !value.is_empty() && value.chars().all(plain) {
        return Ok(Zeroizing::new(format!("{name}={value}\n")));
    }
    let quote = if value.contains('\'') { '"' } else { '\'' };
    Ok(Zeroizing::new(format!("{name}={quote}{value}{quote}\n")))
}

/// Returns why no line would be read as this value by all readers.
fn unreadable(value: &str) -> Option<&'static str> {
    if value.contains("op://") {
        return Some("contains a secret reference, which `opwire run` would resolve");
    }
    if value.contains('\r') || value.contains('\0') {
        return Some("contains a carriage return or NUL, which `.env` readers change or drop");
    }
    if value.contains("${") {
        return Some("contains ${, which python-dotenv expands as a variable");
    }
    if value.contains('\'') {
        let mixed = value.contains(['"', '$', '`', '\\']);
        return mixed
            .then_some("contains a single quote together with \", $, ` or \\, which readers unquote differently");
    }
    (value.contains("\\\\") || value.ends_with('\\'))
        .then_some("contains two backslashes, or ends with one, which python-dotenv and Node's dotenv read differently")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_invalid_name_is_refused() {
        for name in ["X; touch f #", "", "1A", "A-B", "A B", "A\nB", "Ä"] {
            assert!(line(name, "value").is_err_and(|error| error.to_string().contains(&format!("{name:?}"))), "{name}");
        }
    }

    #[test]
    fn a_value_that_readers_read_differently_is_refused_without_printing_it() {
        for value in
            ["secret\r", "secret\\\\x", "secret\\", "it's $secret", "${secret}", "op://v/i/secret", "a\0secret"]
        {
            let error = line("NAME", value).map(|line| line.to_string()).unwrap_err().to_string();
            assert!(error.contains("NAME") && !error.contains("secret\\") && !error.contains("secret}"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn values_survive_a_round_trip(values in prop::collection::vec("[^\0]*|[a'\"$`\\\\\n #{}=]{0,12}", 0..4)) {
            let mut text = Zeroizing::new(String::new());
            let mut pairs = Vec::new();
            for (name, value) in ["A", "B_1", "_c", "D"].into_iter().zip(values) {
                if let Ok(line) = line(name, &value) {
                    text.push_str(&line);
                    pairs.push((name.to_owned(), Zeroizing::new(value)));
                }
            }
            prop_assert_eq!(op_core::read_variables(&text).unwrap(), pairs);
        }
    }
}

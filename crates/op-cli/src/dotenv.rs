//! Lines `NAME=value` that shells, `opwire run` and `import`, and the `.env` readers of Node and Python all read as the same
//! value.
//!
//! What they read alike is little: between single quotes, python-dotenv takes `\\` for one backslash and replaces `${...}`;
//! between double quotes, Node's dotenv keeps the backslash of an escape, and a shell that of `\n`. A value for which there
//! is no such line is refused, by the name of its variable.

use anyhow::{Result, bail};
use op_core::is_variable_name;
use zeroize::Zeroizing;

/// The line of a variable.
pub(crate) fn line(name: &str, value: &str) -> Result<Zeroizing<String>> {
    if !is_variable_name(name) {
        bail!("{name:?} is no name of a variable: names have letters, digits and _, and begin with no digit");
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_./:@%+,-=".contains(letter);
    if let Some(reason) = unreadable(value) {
        bail!("the value of {name} {reason}: get it by `opwire env get`");
    }
    if !value.is_empty() && value.chars().all(plain) {
        return Ok(Zeroizing::new(format!("{name}={value}\n")));
    }
    let quote = if value.contains('\'') { '"' } else { '\'' };
    Ok(Zeroizing::new(format!("{name}={quote}{value}{quote}\n")))
}

/// Why no line is read alike by all.
fn unreadable(value: &str) -> Option<&'static str> {
    if value.contains("op://") {
        return Some("holds a secret reference, which `opwire run` would resolve");
    }
    if value.contains('\r') || value.contains('\0') {
        return Some("holds a carriage return or NUL, which readers of such lines change or drop");
    }
    if value.contains("${") {
        return Some("holds ${, which python-dotenv takes for a variable");
    }
    if value.contains('\'') {
        let mixed = value.contains(['"', '$', '`', '\\']);
        return mixed.then_some("holds a single quote beside \", $, ` or \\, which no reader's quotes keep alike");
    }
    (value.contains("\\\\") || value.ends_with('\\'))
        .then_some("holds two backslashes, or one at its end, which python-dotenv and Node's dotenv read as others")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_that_is_none_is_refused() {
        for name in ["X; touch f #", "", "1A", "A-B", "A B", "A\nB", "Ä"] {
            assert!(line(name, "value").is_err_and(|error| error.to_string().contains(&format!("{name:?}"))), "{name}");
        }
    }

    #[test]
    fn what_readers_read_differently_is_refused_by_name_and_not_told() {
        for value in
            ["secret\r", "secret\\\\x", "secret\\", "it's $secret", "${secret}", "op://v/i/secret", "a\0secret"]
        {
            let error = line("NAME", value).map(|line| line.to_string()).unwrap_err().to_string();
            assert!(error.contains("NAME") && !error.contains("secret\\") && !error.contains("secret}"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(values in prop::collection::vec("[^\0]*|[a'\"$`\\\\\n #{}=]{0,12}", 0..4)) {
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

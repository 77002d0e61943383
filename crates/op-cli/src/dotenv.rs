//! Files of lines `NAME=value`, as shells and `.env` readers take them.

use anyhow::{Result, bail};
use zeroize::Zeroizing;

/// The variables of a file, in its order.
///
/// Values may stand in single quotes, which keep everything as it is, or in double quotes, where `\n`, `\r`, `\t` and an
/// escaped `\`, `"`, `$` or backtick mean what they do in other readers. Both may go over several lines. Nothing is
/// expanded.
pub(crate) fn parse(text: &str) -> Result<Vec<(String, Zeroizing<String>)>> {
    let mut variables = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut number = 1;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            (rest, number) = (after, number + 1);
            continue;
        }
        // Line by line, so that what is wrong can be named without quoting a value.
        let Some((name, value)) = rest.split_once('=').filter(|(name, _)| !name.contains('\n')) else {
            bail!("line {number} is not NAME=value");
        };
        let name = name.trim();
        let name = name.strip_prefix("export ").map_or(name, str::trim_start);
        let (value, after) = match value.trim_start_matches([' ', '\t']) {
            quoted if quoted.starts_with('\'') => single_quoted(quoted),
            quoted if quoted.starts_with('"') => double_quoted(quoted),
            plain => Some(unquoted(plain)),
        }
        .ok_or_else(|| anyhow::anyhow!("the value that begins in line {number} has no closing quote"))?;
        let (end, next) = after.split_once('\n').unwrap_or((after, ""));
        if !end.trim().is_empty() && !end.trim_start().starts_with('#') {
            bail!("something stands after the closing quote of {name}");
        }
        number += rest.get(..rest.len() - next.len()).map_or(0, |taken| taken.matches('\n').count());
        variables.push((name.to_owned(), value));
        rest = next;
    }
    Ok(variables)
}

fn single_quoted(text: &str) -> Option<(Zeroizing<String>, &str)> {
    let (value, after) = text.strip_prefix('\'')?.split_once('\'')?;
    Some((Zeroizing::new(value.to_owned()), after))
}

fn double_quoted(text: &str) -> Option<(Zeroizing<String>, &str)> {
    let mut value = Zeroizing::new(String::with_capacity(text.len()));
    let mut letters = text.strip_prefix('"')?.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Some((value, letters.as_str())),
            '\\' => match letters.next()? {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                escaped @ ('\\' | '"' | '$' | '`') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            letter => value.push(letter),
        }
    }
    None
}

/// A value without quotes ends with the line, or before a comment.
fn unquoted(text: &str) -> (Zeroizing<String>, &str) {
    let end = text.find('\n').unwrap_or(text.len());
    let (line, after) = text.split_at(end);
    let value = line.split_once(" #").map_or(line, |(value, _)| value);
    (Zeroizing::new(value.trim().to_owned()), after)
}

/// A line for one variable. Shells and the readers of most languages take it.
pub(crate) fn line(name: &str, value: &str) -> Zeroizing<String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_./:@%+,-=".contains(letter);
    Zeroizing::new(if !value.is_empty() && value.chars().all(plain) {
        format!("{name}={value}\n")
    } else if !value.contains(['\'', '\r']) {
        format!("{name}='{value}'\n")
    } else {
        let mut escaped = Zeroizing::new(String::with_capacity(value.len() * 2));
        for letter in value.chars() {
            match letter {
                '\\' | '"' | '$' | '`' => escaped.extend(['\\', letter]),
                '\r' => escaped.push_str("\\r"),
                letter => escaped.push(letter),
            }
        }
        format!("{name}=\"{}\"\n", escaped.as_str())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        parse(text).unwrap().into_iter().map(|(name, value)| (name, value.to_string())).collect()
    }

    #[test]
    fn lines_of_all_kinds_are_read() {
        let text = "\u{feff}# a comment\n\nA=plain # not this\nexport B = 'it is # \\n $C'\nC=\"two\\nlines \\$A \\q\" # note\r\n\
                    D='over\nlines'\nE=\nF=a#b=c\n";
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read(text),
            [
                pair("A", "plain"),
                pair("B", "it is # \\n $C"),
                pair("C", "two\nlines $A \\q"),
                pair("D", "over\nlines"),
                pair("E", ""),
                pair("F", "a#b=c"),
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_named_without_the_value() {
        for (text, problem) in [
            ("A=1\nsecret\n", "line 2 is not NAME=value"),
            ("A='1\n2'\nB='secret\n", "the value that begins in line 3 has no closing quote"),
            ("A='1' secret\n", "something stands after the closing quote of A"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), problem);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(values in prop::collection::vec("[^\0]*", 0..4)) {
            let names = ["A", "B_1", "_c", "D"];
            let pairs: Vec<_> = names.iter().zip(&values).map(|(name, value)| (name.to_string(), value.clone())).collect();
            let text: String = pairs.iter().map(|(name, value)| line(name, value).to_string()).collect();
            prop_assert_eq!(read(&text), pairs);
        }
    }
}

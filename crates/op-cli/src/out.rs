//! Prints the command's output. Text from elsewhere (titles, names, errors of a server) cannot move the cursor, colour
//! the terminal or imitate a line of the command's own: its control characters are printed as escapes.

use std::{
    borrow::Cow,
    fmt,
    io::{self, ErrorKind, IsTerminal as _, Write as _},
};

use anyhow::{Context as _, Result};
use serde::Serialize;
use zeroize::Zeroizing;

/// The reader of the output has closed it. The command ends, and reports no failure.
#[derive(Debug)]
pub(crate) struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("standard output is closed")
    }
}

impl std::error::Error for Closed {}

/// Prints one line of columns, separated by tabs.
pub(crate) fn row(cells: &[&str]) -> Result<()> {
    let cells: Vec<_> = cells.iter().map(|cell| escape(cell)).collect();
    send(Zeroizing::new(cells.join("\t") + "\n").as_bytes())
}

/// Prints one line.
pub(crate) fn line(text: &str) -> Result<()> {
    row(&[text])
}

/// Prints a text of several lines, in which the caller has [escaped](escape) all text from elsewhere.
pub(crate) fn page(text: &str) -> Result<()> {
    send(text.as_bytes())
}

/// Prints a value as JSON, with escapes for all characters that a terminal may act on.
pub(crate) fn json(value: &impl Serialize, pretty: bool) -> Result<()> {
    let write = if pretty { serde_json::to_string_pretty } else { serde_json::to_string };
    let mut text = Zeroizing::new(String::new());
    for character in Zeroizing::new(write(value)?).chars() {
        // serde_json has escaped the characters below U+0020, so these line breaks are its own.
        if character == '\n' || !acts_on_terminal(character) {
            text.push(character);
        } else {
            text.push_str(&format!("\\u{:04x}", u32::from(character)));
        }
    }
    text.push('\n');
    send(text.as_bytes())
}

/// Prints a secret, or the content of a file, byte for byte. On a terminal, control characters other than line breaks
/// and tabs are printed as escapes.
pub(crate) fn exact(content: &[u8]) -> Result<()> {
    match std::str::from_utf8(content) {
        Ok(text) if io::stdout().is_terminal() => {
            send(Zeroizing::new(escape_if(text, |character| !matches!(character, '\n' | '\t')).into_owned()).as_bytes())
        }
        _ => send(content),
    }
}

/// Prints a message on standard error. It is no failure if nobody reads it.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{}", escape(text));
}

/// Prints the failure that ends the command. A list in a failure is printed as indented lines.
pub(crate) fn report(error: &anyhow::Error) {
    let text = Zeroizing::new(format!("opwire: {error:#}"));
    let lines: Vec<_> = text.split("\n  ").map(escape).collect();
    let _ = writeln!(io::stderr(), "{}", lines.join("\n  "));
}

/// Prints a question on standard error, without a line break.
pub(crate) fn prompt(text: &str) {
    let _ = write!(io::stderr(), "{}", escape(text));
}

/// Prints a drawing of the command's own on standard error.
pub(crate) fn drawing(text: &str) {
    let _ = write!(io::stderr(), "{text}");
}

/// Returns the text with its control characters as escapes such as `\n` and `\u{1b}`.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    escape_if(text, |_| true)
}

fn escape_if(text: &str, may_escape: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_escaped = |character: char| acts_on_terminal(character) && may_escape(character);
    if !text.contains(is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_escaped(character) { safe.extend(character.escape_default()) } else { safe.push(character) }
    }
    Cow::Owned(safe)
}

/// Returns whether a terminal may act on the character: control characters, line and paragraph separators, and the
/// embeddings, overrides and isolates of the Unicode Bidirectional Algorithm (UAX 9), which reorder the text after
/// them.
pub(crate) fn acts_on_terminal(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn send(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Closed.into()),
        sent => sent.context("writing to standard output"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_a_terminal_acts_on_are_escaped() {
        assert_eq!(escape("Grüße 👋🏽 — שלום"), "Grüße 👋🏽 — שלום");
        assert_eq!(escape("a\u{1b}[2Jb\r\nc\td\u{7f}\u{9b}31m"), "a\\u{1b}[2Jb\\r\\nc\\td\\u{7f}\\u{9b}31m");
        assert_eq!(escape("\u{202e}gnp.exe\u{2028}next"), "\\u{202e}gnp.exe\\u{2028}next");
    }
}

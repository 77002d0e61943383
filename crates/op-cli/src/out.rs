//! What the command prints. Text from elsewhere (titles, names, errors of a server) cannot move the cursor, colour the
//! terminal or look like a line of ours: its control characters are shown, not sent.

use std::{
    borrow::Cow,
    fmt,
    io::{self, ErrorKind, IsTerminal as _, Write as _},
};

use anyhow::{Context as _, Result};
use serde::Serialize;
use zeroize::Zeroizing;

/// Whoever read the output has closed it, and wants no more: a reason to end, not a failure to report.
#[derive(Debug)]
pub(crate) struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("standard output is closed")
    }
}

impl std::error::Error for Closed {}

/// Prints one line of columns, which tabs separate.
pub(crate) fn row(cells: &[&str]) -> Result<()> {
    let cells: Vec<_> = cells.iter().map(|cell| shown(cell)).collect();
    send(Zeroizing::new(cells.join("\t") + "\n").as_bytes())
}

/// Prints one line.
pub(crate) fn line(text: &str) -> Result<()> {
    row(&[text])
}

/// Prints a text of several lines that this command has composed; texts from elsewhere in it are [`shown`].
pub(crate) fn page(text: &str) -> Result<()> {
    send(text.as_bytes())
}

/// Prints a value as JSON, which has escapes for all that could steer a terminal.
pub(crate) fn json(value: &impl Serialize, pretty: bool) -> Result<()> {
    let write = if pretty { serde_json::to_string_pretty } else { serde_json::to_string };
    let mut text = Zeroizing::new(String::new());
    for character in Zeroizing::new(write(value)?).chars() {
        // serde_json has escaped those below U+0020; what is left of them are its own line ends.
        if character == '\n' || !is_steering(character) {
            text.push(character);
        } else {
            text.push_str(&format!("\\u{:04x}", u32::from(character)));
        }
    }
    text.push('\n');
    send(text.as_bytes())
}

/// Prints a secret, or the content of a file, as it is: every byte of it, except on a terminal, where its control
/// characters but line ends and tabs are shown.
pub(crate) fn exact(content: &[u8]) -> Result<()> {
    match std::str::from_utf8(content) {
        Ok(text) if io::stdout().is_terminal() => {
            send(Zeroizing::new(escaped(text, |character| !matches!(character, '\n' | '\t')).into_owned()).as_bytes())
        }
        _ => send(content),
    }
}

/// Tells the person something on standard error; no failure if nobody reads it.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{}", shown(text));
}

/// Reports the failure that ends the command. What a failure lists stands in indented lines of its own.
pub(crate) fn report(error: &anyhow::Error) {
    let text = Zeroizing::new(format!("opwire: {error:#}"));
    let lines: Vec<_> = text.split("\n  ").map(shown).collect();
    let _ = writeln!(io::stderr(), "{}", lines.join("\n  "));
}

/// Asks the person something on standard error, without ending the line.
pub(crate) fn prompt(text: &str) {
    let _ = write!(io::stderr(), "{}", shown(text));
}

/// The text with its control characters as escapes such as `\n` and `\u{1b}`.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    escaped(text, |_| true)
}

fn escaped(text: &str, may_escape: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_escaped = |character: char| is_steering(character) && may_escape(character);
    if !text.contains(is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_escaped(character) { safe.extend(character.escape_default()) } else { safe.push(character) }
    }
    Cow::Owned(safe)
}

/// Whether a terminal may act on the character: controls, line and paragraph separators, and what reorders the text that
/// follows (the embeddings, overrides and isolates of the Unicode Bidirectional Algorithm, UAX 9).
fn is_steering(character: char) -> bool {
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
    fn what_could_steer_a_terminal_is_shown() {
        assert_eq!(shown("Grüße 👋🏽 — שלום"), "Grüße 👋🏽 — שלום");
        assert_eq!(shown("a\u{1b}[2Jb\r\nc\td\u{7f}\u{9b}31m"), "a\\u{1b}[2Jb\\r\\nc\\td\\u{7f}\\u{9b}31m");
        assert_eq!(shown("\u{202e}gnp.exe\u{2028}next"), "\\u{202e}gnp.exe\\u{2028}next");
    }
}

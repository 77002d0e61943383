//! The protocol of pinentry: a line is a command, and lines answer it.

use std::{io, process::Stdio};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, ChildStdin, ChildStdout, Command},
};
use zeroize::Zeroizing;

/// The longest line of the protocol, with its end.
const LONGEST_LINE: usize = 1000;

/// A program that speaks the protocol by its standard input and output. Dropping it ends the program.
pub(super) struct Assuan {
    input: ChildStdin,
    output: ChildStdout,
    _program: Child,
}

/// What answers a command.
pub(super) struct Reply {
    /// The data, such as what was typed.
    pub(super) data: Zeroizing<Vec<u8>>,
    /// The number of the failure, without its source.
    pub(super) failure: Option<u32>,
    /// Whether the window was closed, by no button of it.
    pub(super) closed: bool,
}

impl Assuan {
    /// Starts a program, and waits for its greeting.
    pub(super) async fn start(mut command: Command) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut program = command.spawn()?;
        let (Some(input), Some(output)) = (program.stdin.take(), program.stdout.take()) else {
            return Err(broken("it has no pipes"));
        };
        let mut assuan = Self { input, output, _program: program };
        match assuan.reply().await?.failure {
            None => Ok(assuan),
            Some(_) => Err(broken("it does not greet")),
        }
    }

    /// Sends a command, and returns what answers it.
    pub(super) async fn send(&mut self, command: &str, text: &str) -> io::Result<Reply> {
        let line = line(command, text).ok_or_else(|| broken("the text is too long"))?;
        self.input.write_all(line.as_bytes()).await?;
        self.reply().await
    }

    /// Sends a command that must not fail.
    pub(super) async fn set(&mut self, command: &str, text: &str) -> io::Result<()> {
        match self.send(command, text).await?.failure {
            None => Ok(()),
            Some(_) => Err(broken(command)),
        }
    }

    async fn reply(&mut self) -> io::Result<Reply> {
        let mut data = Zeroizing::new(Vec::with_capacity(LONGEST_LINE));
        let mut closed = false;
        loop {
            let line = self.read_line().await?;
            let words = |text: &'static [u8]| line.strip_prefix(text);
            if let Some(text) = words(b"D ") {
                // One line holds all that a person types; a program that sends more is broken.
                if !data.is_empty() {
                    return Err(broken("it sends too much"));
                }
                unescape(text, &mut data);
            } else if let Some(text) = words(b"ERR ") {
                let number = std::str::from_utf8(text).ok().and_then(|text| text.split(' ').next()?.parse().ok());
                let number: u32 = number.ok_or_else(|| broken("its failure has no number"))?;
                // The upper half is the part of GnuPG that failed.
                return Ok(Reply { data, failure: Some(number & 0xffff), closed });
            } else if words(b"OK").is_some() {
                return Ok(Reply { data, failure: None, closed });
            } else if words(b"S BUTTON_INFO close").is_some() {
                closed = true;
            } else if words(b"INQUIRE").is_some() {
                return Err(broken("it asks for something"));
            }
        }
    }

    /// Reads a line. It may be a password, so nothing buffers it; it is short.
    async fn read_line(&mut self) -> io::Result<Zeroizing<Vec<u8>>> {
        let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_LINE));
        while line.len() < LONGEST_LINE {
            match self.output.read_u8().await? {
                b'\n' => return Ok(line),
                byte => line.push(byte),
            }
        }
        Err(broken("its line is too long"))
    }
}

/// Returns the line of a command; `None` if it would be too long.
fn line(command: &str, text: &str) -> Option<String> {
    let mut line = format!("{command} ");
    for character in text.chars() {
        match character {
            '%' | '\r' | '\n' => line += &format!("%{:02X}", u32::from(character)),
            _ => line.push(character),
        }
    }
    line.push('\n');
    (line.len() <= LONGEST_LINE).then_some(line)
}

/// Returns whether a command with this text fits into a line.
pub(super) fn fits(command: &str, text: &str) -> bool {
    line(command, text).is_some()
}

/// Appends data without its escapes, such as `%25`.
fn unescape(text: &[u8], data: &mut Vec<u8>) {
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = after.split_at_checked(2).filter(|_| byte == b'%');
        let decoded = escaped.and_then(|(digits, after)| {
            let digits = std::str::from_utf8(digits).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, after))
        });
        let (byte, after) = decoded.unwrap_or((byte, after));
        data.push(byte);
        rest = after;
    }
}

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("pinentry: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_data_unescaped() {
        assert_eq!(line("SETDESC", "50 %\nä").unwrap(), "SETDESC 50 %25%0Aä\n");
        assert!(!fits("SETDESC", &"x".repeat(LONGEST_LINE)));
        let mut data = Vec::new();
        unescape(b"100%25%0Ax%", &mut data);
        assert_eq!(data, b"100%\nx%");
    }
}

//! What commands ask, or read, in place of taking it as an argument, where other programs could see it.

use std::{
    fs,
    io::{self, IsTerminal as _, Read as _, Write as _},
    path::Path,
};

use anyhow::{Context, Result, bail};
use zeroize::Zeroizing;

use crate::out;

/// A secret from a file, or, without one, typed at `prompt` or read from standard input. A line break at its end is left
/// out.
pub(crate) fn secret(file: Option<&Path>, prompt: &str) -> Result<Zeroizing<String>> {
    match file {
        Some(file) => Ok(without_line_break(&text(file)?)),
        None => typed(prompt),
    }
}

/// A secret that is typed at `prompt` or read from standard input. A line break at its end is left out.
pub(crate) fn typed(prompt: &str) -> Result<Zeroizing<String>> {
    if io::stdin().is_terminal() {
        return Ok(Zeroizing::new(rpassword::prompt_password(prompt)?));
    }
    Ok(without_line_break(&text(Path::new("-"))?))
}

fn without_line_break(text: &str) -> Zeroizing<String> {
    let trimmed = text.strip_suffix('\n').unwrap_or(text);
    Zeroizing::new(trimmed.strip_suffix('\r').unwrap_or(trimmed).to_owned())
}

/// The text of a file; `-` is standard input.
pub(crate) fn text(file: &Path) -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    if file.as_os_str() == "-" {
        io::stdin().read_to_string(&mut text).context("standard input")?;
    } else {
        *text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    }
    Ok(text)
}

/// Writes a file that only this user can read; `-` is standard output. An earlier one is replaced.
pub(crate) fn write_private(file: &Path, text: &str) -> Result<()> {
    if file.as_os_str() == "-" {
        return out::exact(text.as_bytes());
    }
    let write = || {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        // A temporary file is private from its first byte, and the rename leaves no half-written one.
        let mut whole = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        whole.write_all(text.as_bytes())?;
        whole.persist(file)?;
        Ok::<_, io::Error>(())
    };
    write().with_context(|| file.display().to_string())
}

/// Goes on when the person agrees, or `yes` was given.
pub(crate) fn confirm(what: &str, yes: bool) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        bail!("{what} cannot be undone: pass --yes");
    }
    out::prompt(&format!("{what} cannot be undone. Go on? [y/N] "));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { bail!("nothing was changed") }
}

//! Reads secrets from a prompt, a file or standard input, because other programs can see arguments. Asks for
//! confirmation.

use std::{
    fs,
    io::{self, IsTerminal as _, Read as _, Write as _},
    path::Path,
};

use anyhow::{Context, Result, bail};
use zeroize::Zeroizing;

use crate::out;

/// Returns a secret from a file or, without one, typed at `prompt` or read from standard input. A final line break is
/// removed.
pub(crate) fn secret(file: Option<&Path>, prompt: &str) -> Result<Zeroizing<String>> {
    match file {
        Some(file) => Ok(without_line_break(&text(file)?)),
        None => typed(prompt),
    }
}

/// Returns a secret that is typed at `prompt` or read from standard input. A final line break is removed.
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

/// Returns the text of a file; `-` is standard input.
pub(crate) fn text(file: &Path) -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    if file.as_os_str() == "-" {
        io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
    } else {
        *text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    }
    Ok(text)
}

/// Writes a file that only this user can read, and replaces an existing one; `-` is standard output.
pub(crate) fn write_private(file: &Path, text: &str) -> Result<()> {
    if file.as_os_str() == "-" {
        return out::exact(text.as_bytes());
    }
    let write = || {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        // A temporary file is private from its first byte, and the rename never leaves a partial file.
        let mut temporary = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        temporary.write_all(text.as_bytes())?;
        temporary.persist(file)?;
        Ok::<_, io::Error>(())
    };
    write().with_context(|| file.display().to_string())
}

/// Asks the person to confirm `what`, unless `yes` is set. Fails if they decline.
pub(crate) fn confirm(what: &str, yes: bool) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        bail!("{what} cannot be undone: pass --yes to confirm it");
    }
    let agreed = agrees(&format!("{what} cannot be undone. Continue?"))?;
    if agreed { Ok(()) } else { bail!("not confirmed, so nothing was changed") }
}

/// Returns whether the person answers a question with yes.
pub(crate) fn agrees(question: &str) -> Result<bool> {
    let answer = line(&format!("{question} [y/N] "))?;
    Ok(answer.is_some_and(|answer| matches!(answer.as_str(), "y" | "Y" | "yes")))
}

/// Returns a line that is typed at `prompt` or, without a terminal, the next one of standard input; `None` at its end.
/// Blanks around it are removed.
pub(crate) fn line(prompt: &str) -> Result<Option<Zeroizing<String>>> {
    if io::stdin().is_terminal() {
        out::prompt(prompt);
    }
    let mut line = Zeroizing::new(String::new());
    let read = io::stdin().read_line(&mut line).context("cannot read standard input")?;
    Ok((read > 0).then(|| Zeroizing::new(line.trim().to_owned())))
}

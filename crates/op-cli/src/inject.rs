//! `opwire inject`.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use op_core::{
    methods::{ClientMethod, SecretsResolveAll},
    types::ResolveAllResponse,
};
use zeroize::Zeroizing;

use crate::{
    out,
    sign_in::{self, AccountChoice},
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Template, in which {{ op://vault/item/field }} stands for a secret; standard input if missing
    #[arg(short, long, value_name = "FILE")]
    in_file: Option<PathBuf>,
    /// File to write, readable by this user only; standard output if missing
    #[arg(short, long, value_name = "FILE")]
    out_file: Option<PathBuf>,
    #[command(flatten)]
    account: AccountChoice,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let template = read(arguments.in_file.as_deref())?;
    let parts = parts(&template)?;
    let references = parts.iter().filter_map(|(_, reference)| *reference).map(str::to_owned).collect();
    let client = sign_in::client(&arguments.account).await?;
    let answer = SecretsResolveAll { secret_references: references }.run(&client).await?;
    let text = filled(&parts, &answer)?;
    match arguments.out_file {
        Some(file) => write(&file, &text).with_context(|| file.display().to_string()),
        None => out::exact(text.as_bytes()),
    }
}

fn read(file: Option<&Path>) -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    match file {
        Some(file) => *text = fs::read_to_string(file).with_context(|| file.display().to_string())?,
        None => drop(std::io::stdin().read_to_string(&mut text).context("standard input")?),
    }
    Ok(text)
}

/// The texts of a template, each with the reference that follows it. What stands between other braces is text.
fn parts(template: &str) -> Result<Vec<(&str, Option<&str>)>> {
    let mut parts = Vec::new();
    let (mut text_from, mut from) = (0, 0);
    while let Some(at) = template.get(from..).and_then(|rest| rest.find("{{")).map(|at| from + at) {
        let inside_from = at + 2;
        let inside = template.get(inside_from..).unwrap_or_default();
        if !inside.trim_start().starts_with("op://") {
            // Of three braces, the last two may be those of a reference.
            from = at + 1;
            continue;
        }
        let Some(end) = inside.find("}}") else {
            let line = template.get(..at).unwrap_or_default().matches('\n').count() + 1;
            bail!("line {line}: the reference has no closing }}}}");
        };
        let reference = inside.get(..end).unwrap_or_default().trim();
        parts.push((template.get(text_from..at).unwrap_or_default(), Some(reference)));
        from = inside_from + end + 2;
        text_from = from;
    }
    parts.push((template.get(text_from..).unwrap_or_default(), None));
    Ok(parts)
}

fn filled(parts: &[(&str, Option<&str>)], answer: &ResolveAllResponse) -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    let mut problems = Vec::new();
    for (before, reference) in parts {
        text.push_str(before);
        let Some(reference) = reference else { continue };
        match answer.individual_responses.get(*reference).map(|response| (&response.content, &response.error)) {
            Some((Some(found), _)) => text.push_str(&found.secret),
            Some((None, Some(error))) => problems.push(format!("\n  {reference}: {error}")),
            _ => problems.push(format!("\n  {reference}: no answer")),
        }
    }
    problems.sort();
    problems.dedup();
    if problems.is_empty() {
        return Ok(text);
    }
    bail!("these references do not resolve, and nothing was written:{}", problems.concat())
}

/// Private from its first byte, and never half written.
fn write(file: &Path, text: &str) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut whole = tempfile::NamedTempFile::new_in(folder)?;
    whole.write_all(text.as_bytes())?;
    whole.as_file().sync_all()?;
    whole.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_references_between_braces_are_replaced() {
        let template = "a: {{ op://v/i/f }}\nb: {{other}} {{op://v/i/g}}{{{ op://x/y/z }}}";
        let parts = parts(template).unwrap_or_default();
        assert_eq!(
            parts,
            [
                ("a: ", Some("op://v/i/f")),
                ("\nb: {{other}} ", Some("op://v/i/g")),
                ("{", Some("op://x/y/z")),
                ("}", None)
            ]
        );
        assert!(super::parts("x\n{{ op://v/i/f").is_err_and(|error| error.to_string().contains("line 2")));
    }
}

//! `opwire inject`.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use op_core::{TemplatePart, methods::SecretsResolveAll, split_template, types::ResolveAllResponse};
use zeroize::Zeroizing;

use crate::{
    caller::Caller as _,
    out,
    sign_in::{self, AccountChoice},
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Template, in which {{ op://vault/item/field }} is replaced by the secret; if not given, standard input. A
    /// reference without braces is left as it is, and its line is reported
    #[arg(short, long, value_name = "FILE")]
    in_file: Option<PathBuf>,
    /// File to write, readable only by you; if not given, standard output
    #[arg(short, long, value_name = "FILE")]
    out_file: Option<PathBuf>,
    #[command(flatten)]
    account: AccountChoice,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let template = read(arguments.in_file.as_deref())?;
    let parts = split_template(&template).map_err(|at| {
        let line = template.get(..at).unwrap_or_default().matches('\n').count() + 1;
        anyhow!("line {line}: the reference has no closing }}}}")
    })?;
    note_bare_references(&parts);
    let references = parts.iter().filter_map(|part| match part {
        TemplatePart::Text(_) => None,
        TemplatePart::Reference(reference) => Some((*reference).to_owned()),
    });
    let references = references.collect();
    let client = sign_in::account(&arguments.account).await?;
    let answer = client.call(SecretsResolveAll { secret_references: references }).await?;
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
        None => drop(std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?),
    }
    Ok(text)
}

/// Reports the lines of references without braces, which were left as they are.
fn note_bare_references(parts: &[TemplatePart<'_>]) {
    let mut line = 1;
    for part in parts {
        let (TemplatePart::Text(text) | TemplatePart::Reference(text)) = part;
        if matches!(part, TemplatePart::Text(_)) {
            for (at, _) in text.match_indices("op://") {
                let line = line + text.get(..at).unwrap_or_default().matches('\n').count();
                out::note(&format!(
                    "line {line}: a reference without braces was left as it is; to replace it by the secret, write \
                     {{{{ op://vault/item/field }}}}"
                ));
            }
        }
        line += text.matches('\n').count();
    }
}

fn filled(parts: &[TemplatePart<'_>], answer: &ResolveAllResponse) -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    let mut problems = Vec::new();
    for part in parts {
        let reference = match part {
            TemplatePart::Text(part) => {
                text.push_str(part);
                continue;
            }
            TemplatePart::Reference(reference) => *reference,
        };
        match answer.individual_responses.get(reference).map(|response| (&response.content, &response.error)) {
            Some((Some(found), _)) => text.push_str(&found.secret),
            Some((None, Some(error))) => problems.push(format!("\n  {reference}: {error}")),
            _ => problems.push(format!("\n  {reference}: it was not resolved")),
        }
    }
    problems.sort();
    problems.dedup();
    if problems.is_empty() {
        return Ok(text);
    }
    bail!("nothing was written, because these references cannot be resolved:{}", problems.concat())
}

/// Writes the file so that it is private from its first byte, and never a partial one.
fn write(file: &Path, text: &str) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    temporary.as_file().sync_all()?;
    temporary.persist(file)?;
    Ok(())
}

//! `opwire read`.

use anyhow::Result;
use clap::Args;
use op_core::{
    methods::{SecretsExplain, SecretsResolve},
    types::{ReferenceCandidate, ReferenceExplanation},
};
use zeroize::Zeroizing;

use crate::{
    caller::Caller as _,
    out::{self, escape},
    sign_in::{self, AccountChoice},
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Reference to the secret: op://vault/item/[section/]field
    reference: String,
    /// Do not print a line break after the secret
    #[arg(short, long)]
    no_newline: bool,
    /// Instead of the secret, print what the reference matches and which ids to use
    #[arg(long, conflicts_with = "no_newline")]
    explain: bool,
    #[command(flatten)]
    account: AccountChoice,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let client = sign_in::account(&arguments.account).await?;
    if arguments.explain {
        let explained = client.call(SecretsExplain { secret_reference: arguments.reference }).await?;
        return out::page(&explanation_text(&explained));
    }
    let mut secret = Zeroizing::new(client.call(SecretsResolve { secret_reference: arguments.reference }).await?);
    if !arguments.no_newline {
        secret.push('\n');
    }
    out::exact(secret.as_bytes())
}

/// Returns an explanation as text.
fn explanation_text(explained: &ReferenceExplanation) -> String {
    let mut text = String::new();
    for step in &explained.steps {
        let part = format!("{:?}", step.part).to_lowercase();
        text += &match step.matches.len() {
            0 => format!("{part} {:?}: none\n", step.name),
            1 => format!("{part} {:?}:\n", step.name),
            count => format!("{part} {:?}: {count}\n", step.name),
        };
        let is_unique = step.matches.len() == 1;
        text.extend(step.matches.iter().map(|candidate| line("", candidate, !is_unique)));
        text.extend(step.near.iter().map(|candidate| line("similar: ", candidate, true)));
    }
    if let Some(problem) = &explained.problem {
        text += &format!("problem: {}\n", escape(problem));
    }
    if let Some(reference) = &explained.id_reference {
        text += &format!("with ids: {}\n", escape(reference));
    }
    text
}

fn line(prefix: &str, candidate: &ReferenceCandidate, with_reference: bool) -> String {
    let note = candidate.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    let reference = candidate.reference.as_ref().filter(|_| with_reference);
    let reference = reference.map(|reference| format!("  {reference}")).unwrap_or_default();
    let line = format!("{}{note}  {}{reference}", candidate.title, candidate.id);
    format!("  {prefix}{}\n", escape(&line))
}

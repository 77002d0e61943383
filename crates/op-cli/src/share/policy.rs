//! `opwire share policy`.

use std::str::FromStr;

use anyhow::{Result, bail};
use clap::{Args, Subcommand, builder::BoolishValueParser};
use op_core::{Client, admin};
use op_protocol::{
    id::VaultId,
    rest::{ShareFilesPolicy, SharePolicy, ShareRecipient, recipient_type, share_type},
};
use serde::Serialize;

use super::expiry::Expiry;
use crate::{
    find, out,
    sign_in::{self, AccountChoice},
};

const TYPES: Words = &[("recipients", share_type::RECIPIENTS), ("anyone", share_type::ANYONE)];
const RECIPIENT_TYPES: Words = &[("email", recipient_type::EMAIL), ("domain", recipient_type::DOMAIN)];
const NONE: &str = "none";
const UNLIMITED: &str = "unlimited";
const ANYONE: &str = "anyone";

/// Words of the command, with their letters in policies.
type Words = &'static [(&'static str, &'static str)];

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    show: Show,
}

#[derive(Args)]
struct Show {
    #[command(flatten)]
    scope: Scope,
    /// Print the policy as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Scope {
    /// Vault, by title or id; if not given, the policy of the account. A vault's policy can only narrow the account's
    #[arg(long)]
    vault: Option<String>,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Subcommand)]
enum Command {
    /// Change what may be shared; what is not named stays as it is
    ///
    /// Shares that exist keep what they were created with.
    ///
    /// Example: opwire share policy set --vault Development --types recipients --max-expiry 7d --allow example.com
    Set(Box<Set>),
    /// Remove a vault's own policy, so that the account's holds
    Clear(Clear),
}

#[derive(Args)]
struct Set {
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct Changes {
    /// Who items may be shared with: recipients, anyone (who has the link), both separated by a comma, or none
    #[arg(long, value_name = "TYPE,...")]
    types: Option<Types>,
    /// How recipients may be named: email, domain, both separated by a comma, or none
    #[arg(long, value_name = "TYPE,...")]
    recipient_types: Option<RecipientTypes>,
    /// The longest time for which a link may be valid
    #[arg(long, value_name = "TIME")]
    max_expiry: Option<Expiry>,
    /// The time for which a link is valid by default; lowered if it is above the longest
    #[arg(long, value_name = "TIME")]
    default_expiry: Option<Expiry>,
    /// How often each recipient, or anyone if there are none, may view an item at most; or unlimited
    #[arg(long, value_name = "N")]
    max_views: Option<Views>,
    /// Whether items with files may be shared: yes or no
    #[arg(long, value_name = "yes|no", value_parser = BoolishValueParser::new())]
    files: Option<bool>,
    /// Maximum encrypted size of a file of a shared item, in bytes
    #[arg(long, value_name = "BYTES")]
    max_file_size: Option<u32>,
    /// The only e-mail addresses and domains to share with, separated by commas; or anyone
    #[arg(long, value_name = "ADDRESS,...")]
    allow: Option<Allowed>,
}

#[derive(Args)]
struct Clear {
    /// Vault, by title or id
    #[arg(long)]
    vault: String,
    #[command(flatten)]
    account: AccountChoice,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    match arguments.command {
        None => show(arguments.show).await,
        Some(Command::Set(set)) => change(*set).await,
        Some(Command::Clear(Clear { vault, account })) => {
            let client = sign_in::client(&account).await?;
            let vault_id = find::vault_id(&client, &vault).await?;
            Ok(admin::clear_vault_share_policy(&client, &vault_id).await?)
        }
    }
}

async fn show(arguments: Show) -> Result<()> {
    let (client, vault_id) = arguments.scope.find().await?;
    let policy = shown(&read(&client, vault_id.as_ref()).await?);
    if arguments.json { out::json(&policy, true) } else { policy.print() }
}

async fn change(arguments: Set) -> Result<()> {
    let (client, vault_id) = arguments.scope.find().await?;
    let mut policy = read(&client, vault_id.as_ref()).await?;
    arguments.changes.apply(&mut policy);
    match vault_id {
        Some(vault_id) => Ok(admin::set_vault_share_policy(&client, &vault_id, &policy).await?),
        None => Ok(admin::set_share_policy(&client, &policy).await?),
    }
}

impl Scope {
    /// Signs in, and returns the id of the vault if one is named. Only people may see and set the account's policy.
    async fn find(&self) -> Result<(std::sync::Arc<Client>, Option<VaultId>)> {
        let Some(vault) = &self.vault else { return Ok((sign_in::person(&self.account).await?.1, None)) };
        let client = sign_in::client(&self.account).await?;
        let vault_id = find::vault_id(&client, vault).await?;
        Ok((client, Some(vault_id)))
    }
}

async fn read(client: &Client, vault_id: Option<&VaultId>) -> op_core::Result<SharePolicy> {
    match vault_id {
        Some(vault_id) => admin::vault_share_policy(client, vault_id).await,
        None => admin::share_policy(client).await,
    }
}

impl Changes {
    fn apply(self, policy: &mut SharePolicy) {
        follow_policy(policy);
        replace(&mut policy.allowed_types, self.types.map(|types| types.0));
        replace(&mut policy.allowed_recipient_types, self.recipient_types.map(|types| types.0));
        replace(&mut policy.max_expiry, self.max_expiry.map(Expiry::seconds));
        // A lower maximum lowers the default with it; a default that is asked for is checked by the server.
        policy.default_expiry = match self.default_expiry {
            Some(expiry) => expiry.seconds(),
            None => policy.default_expiry.min(policy.max_expiry),
        };
        replace(&mut policy.max_views, self.max_views.map(|views| views.0));
        replace(&mut policy.files.allowed, self.files);
        replace(&mut policy.files.max_size, self.max_file_size);
        replace(&mut policy.allowed_recipients, self.allow.map(|allowed| allowed.0));
    }
}

fn replace<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

/// Drops what the policy says about files where it says the same about everything, so that a change concerns both.
fn follow_policy(policy: &mut SharePolicy) {
    let files = &mut policy.files;
    files.allowed_types.take_if(|types| *types == policy.allowed_types);
    files.allowed_recipient_types.take_if(|types| *types == policy.allowed_recipient_types);
    files.max_expiry.take_if(|expiry| *expiry == policy.max_expiry);
    files.default_expiry.take_if(|expiry| *expiry == policy.default_expiry);
    files.max_views.take_if(|views| Some(*views) == policy.max_views);
}

/// A policy in the words of the arguments.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    types: Vec<String>,
    recipient_types: Vec<String>,
    max_expiry: String,
    default_expiry: String,
    max_views: Option<u32>,
    allow: Option<Vec<String>>,
    files: ShownFiles,
}

/// What holds for items with files besides.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownFiles {
    allowed: bool,
    max_size: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    types: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_types: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_expiry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_expiry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_views: Option<u32>,
}

fn shown(policy: &SharePolicy) -> Shown {
    let mut policy = policy.clone();
    follow_policy(&mut policy);
    let ShareFilesPolicy { allowed, max_size, allowed_types, allowed_recipient_types, .. } = &policy.files;
    Shown {
        types: words(TYPES, &policy.allowed_types),
        recipient_types: words(RECIPIENT_TYPES, &policy.allowed_recipient_types),
        max_expiry: Expiry::written(policy.max_expiry),
        default_expiry: Expiry::written(policy.default_expiry),
        max_views: policy.max_views,
        allow: policy.allowed_recipients.as_ref().map(|all| all.iter().map(recipient_name).collect()),
        files: ShownFiles {
            allowed: *allowed,
            max_size: *max_size,
            types: allowed_types.as_ref().map(|letters| words(TYPES, letters)),
            recipient_types: allowed_recipient_types.as_ref().map(|letters| words(RECIPIENT_TYPES, letters)),
            max_expiry: policy.files.max_expiry.map(Expiry::written),
            default_expiry: policy.files.default_expiry.map(Expiry::written),
            max_views: policy.files.max_views,
        },
    }
}

impl Shown {
    fn print(&self) -> Result<()> {
        let list = |words: &[String]| if words.is_empty() { NONE.to_owned() } else { words.join(",") };
        let files = &self.files;
        let rows = [
            ("types", Some(list(&self.types))),
            ("recipient-types", Some(list(&self.recipient_types))),
            ("max-expiry", Some(self.max_expiry.clone())),
            ("default-expiry", Some(self.default_expiry.clone())),
            ("max-views", Some(self.max_views.map_or_else(|| UNLIMITED.to_owned(), |views| views.to_string()))),
            ("allow", Some(self.allow.as_deref().map_or_else(|| ANYONE.to_owned(), list))),
            ("files", Some(if files.allowed { "yes" } else { "no" }.to_owned())),
            ("max-file-size", Some(files.max_size.to_string())),
            ("types with files", files.types.as_deref().map(list)),
            ("recipient-types with files", files.recipient_types.as_deref().map(list)),
            ("max-expiry with files", files.max_expiry.clone()),
            ("default-expiry with files", files.default_expiry.clone()),
            ("max-views with files", files.max_views.map(|views| views.to_string())),
        ];
        for (name, value) in rows {
            if let Some(value) = value {
                out::row(&[name, &value])?;
            }
        }
        Ok(())
    }
}

/// Returns the words for the letters of a policy. A letter that this version does not know stays.
fn words(known: Words, letters: &[String]) -> Vec<String> {
    let word = |letter: &String| match known.iter().find(|(_, of)| of == letter) {
        Some((word, _)) => (*word).to_owned(),
        None => letter.clone(),
    };
    letters.iter().map(word).collect()
}

/// Returns the letters for words that are separated by commas.
fn letters(known: Words, text: &str) -> Result<Vec<String>> {
    if text == NONE {
        return Ok(Vec::new());
    }
    let letter = |word: &str| match known.iter().find(|(of, _)| *of == word) {
        Some((_, letter)) => Ok((*letter).to_owned()),
        None => {
            let known: Vec<_> = known.iter().map(|(word, _)| *word).collect();
            bail!("{word:?} is not one of {}, {NONE}", known.join(", "))
        }
    };
    text.split(',').map(|word| letter(word.trim())).collect()
}

fn recipient_name(recipient: &ShareRecipient) -> String {
    match recipient {
        ShareRecipient::Email { email } => email.clone(),
        ShareRecipient::Domain { domain } => domain.clone(),
    }
}

#[derive(Clone)]
struct Types(Vec<String>);

impl FromStr for Types {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        letters(TYPES, text).map(Self)
    }
}

#[derive(Clone)]
struct RecipientTypes(Vec<String>);

impl FromStr for RecipientTypes {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        letters(RECIPIENT_TYPES, text).map(Self)
    }
}

#[derive(Clone)]
struct Views(Option<u32>);

impl FromStr for Views {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.parse() {
            _ if text == UNLIMITED => Ok(Self(None)),
            Ok(views @ 1..) => Ok(Self(Some(views))),
            _ => bail!("it is neither a number from 1 on nor {UNLIMITED}"),
        }
    }
}

#[derive(Clone)]
struct Allowed(Option<Vec<ShareRecipient>>);

impl FromStr for Allowed {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == ANYONE {
            return Ok(Self(None));
        }
        let recipient = |text: &str| {
            let text = text.trim().to_lowercase();
            match text.split_once('@') {
                Some(("", domain)) => ShareRecipient::Domain { domain: domain.to_owned() },
                Some(_) => ShareRecipient::Email { email: text },
                None => ShareRecipient::Domain { domain: text },
            }
        };
        Ok(Self(Some(text.split(',').map(recipient).collect())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> SharePolicy {
        let text = r#"{"allowedTypes":["A","P"],"allowedRecipientTypes":["E","D"],"maxExpiry":2592000,
            "defaultExpiry":604800,"maxViews":null,"files":{"allowed":true,"maxSize":9,"allowedTypes":["A","P"],
            "allowedRecipientTypes":["E"],"maxExpiry":2592000,"defaultExpiry":3600,"maxViews":null}}"#;
        serde_json::from_str(text).unwrap()
    }

    fn changed(arguments: &[&str]) -> Shown {
        let command = Changes::augment_args(clap::Command::new("set").no_binary_name(true));
        let matches = command.try_get_matches_from(arguments).unwrap();
        let mut policy = policy();
        <Changes as clap::FromArgMatches>::from_arg_matches(&matches).unwrap().apply(&mut policy);
        shown(&policy)
    }

    #[test]
    fn a_change_leaves_the_rest_and_reaches_files() {
        let shown = changed(&["--types", "recipients", "--max-expiry", "1d"]);
        assert_eq!(
            (shown.types, shown.max_expiry, shown.default_expiry),
            (vec!["recipients".into()], "1d".into(), "1d".into())
        );
        assert_eq!(shown.recipient_types, ["email", "domain"]);
        let files = shown.files;
        assert_eq!((files.types, files.max_expiry, files.default_expiry), (None, None, Some("1h".to_owned())));
        assert_eq!(files.recipient_types, Some(vec!["email".to_owned()]));

        let shown = changed(&["--allow", "Ada@Example.com, @b.example,c.example", "--max-views", "3", "--files", "no"]);
        assert_eq!(shown.allow.unwrap(), ["ada@example.com", "b.example", "c.example"]);
        assert_eq!((shown.max_views, shown.files.allowed), (Some(3), false));
        let shown = changed(&["--allow", "anyone", "--max-views", "unlimited", "--types", "none"]);
        assert_eq!((shown.allow, shown.max_views, shown.types), (None, None, Vec::new()));
    }
}

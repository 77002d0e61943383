//! `opwire share list`, `show` and `revoke`.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, bail};
use clap::Args;
use op_core::{
    ErrorKind,
    methods::{ItemsList, ItemsSharesGet, ItemsSharesList, ItemsSharesRevoke},
    parse_id,
    types::{ItemListFilter, ItemShare, ItemShareListParams, ItemShareState, ValidRecipient},
};
use op_protocol::{
    id::{ShareId, VaultId},
    share::LinkSecret,
};

use crate::{
    caller::Caller,
    find, out,
    sign_in::{self, AccountChoice},
};

#[derive(Args)]
pub(crate) struct List {
    /// Vault, by title or id; if not given, all vaults
    #[arg(long)]
    vault: Option<String>,
    /// Item of the vault, by title or id; if not given, all items
    #[arg(long, requires = "vault")]
    item: Option<String>,
    /// Print the shares as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Show {
    #[command(flatten)]
    choice: Choice,
    /// Print the share as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Choice {
    /// Share, by id (`opwire share list` shows it) or link
    share: String,
    #[command(flatten)]
    account: AccountChoice,
}

pub(super) async fn list(arguments: List) -> Result<()> {
    let client = sign_in::account(&arguments.account).await?;
    let mut params = ItemShareListParams::default();
    if let Some(vault) = &arguments.vault {
        let vault_id = find::vault_id(&client, vault).await?;
        if let Some(item) = &arguments.item {
            params.item_id = Some(find::item(&client, &vault_id, item).await?.id);
        }
        params.vault_id = Some(vault_id.into());
    }
    let shares = client.call(ItemsSharesList { params: Some(params) }).await?;
    if arguments.json {
        return out::json(&shares, true);
    }
    let titles = titles(&client, &shares).await?;
    for share in &shares {
        let title = share.title.as_ref().or_else(|| titles.get(&share.item_id)).map_or("-", String::as_str);
        out::row(&[&share.id, title, state(share.state), &who(share), &views(share), &share.expires_at])?;
    }
    Ok(())
}

pub(super) async fn show(arguments: Show) -> Result<()> {
    let share_id = id(&arguments.choice.share)?;
    let client = sign_in::account(&arguments.choice.account).await?;
    let share = client.call(ItemsSharesGet { share_id }).await?;
    if arguments.json {
        return out::json(&share, true);
    }
    let titles = titles(&client, std::slice::from_ref(&share)).await?;
    let title = share.title.as_ref().or_else(|| titles.get(&share.item_id));
    let (who, views) = (who(&share), views(&share));
    let rows = [
        ("id", Some(&*share.id)),
        ("title", title.map(String::as_str)),
        ("state", Some(state(share.state))),
        ("link", share.link.as_deref()),
        ("for", Some(&*who)),
        ("password", Some(if share.has_password { "yes" } else { "no" })),
        ("views", Some(&*views)),
        ("created", Some(&*share.created_at)),
        ("expires", Some(&*share.expires_at)),
        ("ended", share.ended_at.as_deref()),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            out::row(&[name, value])?;
        }
    }
    for view in share.views_log.iter().flatten() {
        out::row(&["viewed", &view.viewed_at, view.email.as_deref().unwrap_or("-"), &view.address])?;
    }
    Ok(())
}

pub(super) async fn revoke(choice: Choice) -> Result<()> {
    let share_id = id(&choice.share)?;
    let client = sign_in::account(&choice.account).await?;
    Ok(client.call(ItemsSharesRevoke { share_id }).await?)
}

/// Returns the id of a share from an id or a link. Errors do not repeat links.
fn id(text: &str) -> Result<ShareId> {
    if let Some(secret) = LinkSecret::from_link(text) {
        return Ok(ShareId::from_server(secret.uuid()));
    }
    if text.contains(['#', '/']) {
        bail!("that is not the whole link of a share: pass its id, which `opwire share list` shows");
    }
    Ok(parse_id("share", text)?)
}

/// Returns the present titles of the items whose shares do not show them because they have ended or have a password.
async fn titles(client: &impl Caller, shares: &[ItemShare]) -> Result<HashMap<String, String>> {
    let mut titles = HashMap::new();
    let vaults: HashSet<_> = shares.iter().filter(|share| share.title.is_none()).map(|share| &share.vault_id).collect();
    for vault_id in vaults {
        let filters = vec![ItemListFilter::ByState { active: true, archived: true }];
        match client.call(ItemsList { vault_id: VaultId::from_server(vault_id), filters }).await {
            Ok(items) => titles.extend(items.into_iter().map(|item| (item.id, item.title))),
            // The vault was deleted, or may not be read any more.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(titles)
}

/// Returns who may open a share.
pub(super) fn who(share: &ItemShare) -> String {
    let Some(recipients) = &share.recipients else { return "anyone who has the link".to_owned() };
    let names = recipients.iter().map(|recipient| match recipient {
        ValidRecipient::Email { email } => email.clone(),
        ValidRecipient::Domain { domain } => format!("everyone at {domain}"),
    });
    names.collect::<Vec<_>>().join(", ")
}

fn views(share: &ItemShare) -> String {
    match (share.max_views, &share.recipients) {
        (None, _) => share.views.to_string(),
        (Some(most), None) => format!("{} of {most}", share.views),
        (Some(most), Some(_)) => format!("{} (at most {most} each)", share.views),
    }
}

fn state(state: ItemShareState) -> &'static str {
    match state {
        ItemShareState::Active => "active",
        ItemShareState::Expired => "expired",
        ItemShareState::Spent => "spent",
        ItemShareState::Revoked => "revoked",
        ItemShareState::Ended => "ended",
    }
}

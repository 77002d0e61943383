//! `opwire share create`.

use anyhow::{Context, Result, bail};
use clap::Args;
use op_core::{
    methods::{
        ItemsGet, ItemsSharesCreate, ItemsSharesGet, ItemsSharesGetAccountPolicy, ItemsSharesValidateRecipients,
    },
    types::{Item, ItemShare, ItemShareAccountPolicy, ItemShareParams},
};
use op_protocol::{
    id::{ItemId, ShareId},
    share::LinkSecret,
};
use zeroize::Zeroizing;

use super::{PASSWORD_VARIABLE, expiry::Expiry, qr, records};
use crate::{
    caller::Caller as _,
    find, out,
    sign_in::{self, AccountChoice},
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Item, by title or id
    item: String,
    /// Vault, by title or id
    #[arg(long)]
    vault: String,
    /// Who may open the link: e-mail addresses, and domains for everyone who has an address there. They prove their
    /// address by a code. If not given, anyone who has the link can open it
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',')]
    to: Vec<String>,
    /// How long the link is valid; if not given, as the policy says
    #[arg(long, value_name = "TIME")]
    expires: Option<Expiry>,
    /// Let each recipient, or anyone if there are none, view the item only once
    #[arg(long, conflicts_with = "views")]
    once: bool,
    /// How often each recipient, or anyone if there are none, may view the item
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    views: Option<u32>,
    /// Ask for a password that is needed besides the link, or take it from OPWIRE_SHARE_PASSWORD. Tell it to the
    /// recipients by another way than the link. If the variable is set, the share always has its password
    #[arg(long)]
    password: bool,
    /// Draw the link as a QR code on standard error
    #[arg(long)]
    qr: bool,
    /// Print the share as JSON instead of the link alone
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    account: AccountChoice,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    let client = sign_in::account(&arguments.account).await?;
    let vault_id = find::vault_id(&client, &arguments.vault).await?;
    let item_id = ItemId::from_server(find::item(&client, &vault_id, &arguments.item).await?.id);
    let policy = ItemsSharesGetAccountPolicy { vault_id: vault_id.clone(), item_id: item_id.clone() };
    let policy = client.call(policy).await?;
    let item = client.call(ItemsGet { vault_id, item_id }).await?;
    let expiry = check_limits(&arguments, &item, &policy)?;
    let recipients = match &*arguments.to {
        [] => None,
        to => {
            Some(client.call(ItemsSharesValidateRecipients { policy: policy.clone(), recipients: to.to_vec() }).await?)
        }
    };
    let params = ItemShareParams {
        recipients,
        expire_after: Some(expiry.into()),
        one_time_only: arguments.once,
        max_views: arguments.views,
        password: password(arguments.password)?.map(|password| password.to_string()),
    };
    let title = item.title.clone();
    let created = client.call(ItemsSharesCreate { item, policy, params }).await;
    let link = Zeroizing::new(created.with_context(|| format!("cannot share {title}"))?);
    if !arguments.json {
        out::line(&link)?;
    }
    if arguments.qr {
        out::drawing(&qr::drawing(&link)?);
    }
    // The share exists: whatever fails now is no failure of sharing.
    let secret = LinkSecret::from_link(&link).context("the server's answer has no link")?;
    let share_id = ShareId::from_server(secret.uuid());
    match client.call(ItemsSharesGet { share_id }).await {
        Ok(share) if arguments.json => return out::json(&share, true),
        Ok(share) => out::note(&summary(&share)),
        Err(_) if arguments.json => bail!("the item is shared, but the share could not be read: `opwire share list`"),
        Err(_) => {}
    }
    Ok(())
}

/// Returns how long the link is valid, unless the policy does not allow what the arguments say.
fn check_limits(arguments: &Arguments, item: &Item, policy: &ItemShareAccountPolicy) -> Result<Expiry> {
    let files = Some(&policy.files).filter(|_| !item.files.is_empty() || item.document.is_some());
    let subject = if files.is_some() { "items with files" } else { "items" };
    let longest: Expiry = policy.max_expiry.into();
    let longest = files.and_then(|files| files.max_expiry).map_or(longest, |files| longest.min(files.into()));
    let default = files.and_then(|files| files.default_expiry).unwrap_or(policy.default_expiry).into();
    let expiry = arguments.expires.unwrap_or(longest.min(default));
    if expiry > longest {
        bail!("--expires {expiry} is too long: the policy for sharing {subject} allows {longest} at most");
    }
    let most = policy.max_views.into_iter().chain(files.and_then(|files| files.max_views)).min();
    if let (Some(views), Some(most)) = (arguments.views, most)
        && views > most
    {
        bail!("--views {views} is too much: the policy for sharing {subject} allows {most} at most");
    }
    Ok(expiry)
}

/// Returns the password of the share, from the environment or typed twice.
fn password(is_wanted: bool) -> Result<Option<Zeroizing<String>>> {
    if let Some(password) = sign_in::from_environment(PASSWORD_VARIABLE) {
        return Ok(Some(password));
    }
    if !is_wanted {
        return Ok(None);
    }
    let first = sign_in::password(PASSWORD_VARIABLE, "Password of the share: ")?;
    if first.is_empty() {
        bail!("the password is empty: leave --password out to share without one");
    }
    if sign_in::password(PASSWORD_VARIABLE, "Repeat the password of the share: ")? != first {
        bail!("the two passwords differ; nothing was shared");
    }
    Ok(Some(first))
}

fn summary(share: &ItemShare) -> String {
    let each = if share.recipients.is_some() { " each" } else { "" };
    let often = match share.max_views {
        Some(1) => format!("once{each}"),
        Some(most) => format!("{most} times{each}"),
        None => "as often as they like".to_owned(),
    };
    let password = if share.has_password { ", with the password" } else { "" };
    let (who, until, id) = (records::who(share), &share.expires_at, &share.id);
    format!("Until {until}, {who} can open it{password}, {often}. `opwire share revoke {id}` ends it.")
}

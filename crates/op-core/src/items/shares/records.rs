//! Shares that exist: listing, reading and revoking them.

use std::collections::{HashMap, HashSet};

use futures_util::future::try_join_all;
use op_protocol::{
    id::{ItemId, ShareId, VaultId},
    item::Overview,
    jwk::SymmetricKey,
    rest::{self, ShareRecord, routes},
    share::LinkSecret,
};

use super::recipients;
use crate::{
    client::Client,
    error::{ErrorKind, Result},
    items::read::{Sealed, current_key},
    types::{ItemShare, ItemShareState, ItemShareView},
};

impl Sealed for ShareRecord {
    fn is_under(&self, key: &SymmetricKey) -> bool {
        self.enc_share_secret.as_ref().is_none_or(|secret| secret.kid == key.kid())
    }
}

/// Returns the shares of a vault, of an item, or all that the client may see, newest first.
pub(crate) async fn list(
    client: &Client,
    vault_id: Option<&VaultId>,
    item_id: Option<&ItemId>,
) -> Result<Vec<ItemShare>> {
    let records = records(client, vault_id, item_id).await?;
    let sealed = records.iter().filter(|record| record.enc_share_secret.is_some());
    let vaults: HashSet<VaultId> = sealed.map(vault_id_of).collect();
    let keys = try_join_all(vaults.iter().map(|vault_id| vault_key(client, vault_id))).await?;
    let keys: HashMap<VaultId, Option<SymmetricKey>> = vaults.iter().cloned().zip(keys).collect();
    let mut shares = Vec::with_capacity(records.len());
    for record in records {
        let key = keys.get(&vault_id_of(&record)).cloned().flatten();
        shares.push(shown(client, record, key).await);
    }
    Ok(shares)
}

/// Returns the records of shares.
pub(crate) async fn records(
    client: &Client,
    vault_id: Option<&VaultId>,
    item_id: Option<&ItemId>,
) -> Result<Vec<ShareRecord>> {
    let filters = [vault_id.map(|id| format!("vault={id}")), item_id.map(|id| format!("item={id}"))];
    let filters: Vec<_> = filters.into_iter().flatten().collect();
    let target = routes::SHARES.at([]);
    client.api.get(if filters.is_empty() { target } else { target.query(filters.join("&")) }).await
}

/// Returns one share, with the log of its views.
pub(crate) async fn share(client: &Client, share_id: &ShareId) -> Result<ItemShare> {
    let record: ShareRecord = client.api.get_one(routes::SHARE.at([share_id.as_str()])).await?;
    let key = match &record.enc_share_secret {
        Some(_) => vault_key(client, &vault_id_of(&record)).await?,
        None => None,
    };
    Ok(shown(client, record, key).await)
}

/// Ends a share: nobody can open it any more.
pub(crate) async fn revoke(client: &Client, share_id: &ShareId) -> Result<()> {
    client.api.act(&routes::REVOKE_SHARE.at([share_id.as_str()])).await
}

fn vault_id_of(record: &ShareRecord) -> VaultId {
    VaultId::from_server(record.vault_uuid.as_str())
}

/// Returns a vault's key, unless the vault does not exist any more or is not visible to the client.
async fn vault_key(client: &Client, vault_id: &VaultId) -> Result<Option<SymmetricKey>> {
    match client.keychain.vault_key_by_id(vault_id).await {
        Ok(key) => Ok(Some(key)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn shown(client: &Client, record: ShareRecord, vault_key: Option<SymmetricKey>) -> ItemShare {
    let secret = match vault_key {
        Some(key) => secret(client, &record, key).await,
        None => None,
    };
    ItemShare {
        title: secret.as_ref().and_then(|secret| title(&record, secret)),
        link: secret.map(|secret| format!("{}#{}", record.url, *secret.fragment())),
        id: record.uuid,
        vault_id: record.vault_uuid,
        item_id: record.item_uuid,
        item_version: record.item_version,
        creator_id: record.creator_uuid,
        state: state(record.state),
        created_at: record.created_at,
        expires_at: record.expires_at,
        ended_at: record.ended_at,
        recipients: record.recipients.map(|all| all.into_iter().map(recipients::shown).collect()),
        max_views: record.max_views,
        has_password: record.has_password,
        views: record.views,
        views_log: record.views_log.map(|views| views.into_iter().map(view).collect()),
    }
}

/// Returns the secret of the share's link; `None` if it cannot be opened. Whoever created the share may have sealed
/// something else, which must not fail a list.
async fn secret(client: &Client, record: &ShareRecord, known: SymmetricKey) -> Option<LinkSecret> {
    let key = current_key(client, &vault_id_of(record), record, known).await.ok()?;
    open_secret(record, &key)
}

/// Returns the secret of the share's link, opened with the vault's key.
pub(crate) fn open_secret(record: &ShareRecord, key: &SymmetricKey) -> Option<LinkSecret> {
    let fragment = record.enc_share_secret.as_ref()?.open(key).ok()?;
    let secret = LinkSecret::from_link(str::from_utf8(&fragment).ok()?)?;
    (secret.uuid() == record.uuid).then_some(secret)
}

fn title(record: &ShareRecord, secret: &LinkSecret) -> Option<String> {
    let overview = record.enc_overview.as_ref()?.open(&secret.key()).ok()?;
    Some(Overview::from_json(&overview).ok()?.title.text().to_owned())
}

fn state(state: rest::ShareState) -> ItemShareState {
    match state {
        rest::ShareState::Active => ItemShareState::Active,
        rest::ShareState::Expired => ItemShareState::Expired,
        rest::ShareState::Spent => ItemShareState::Spent,
        rest::ShareState::Revoked => ItemShareState::Revoked,
        rest::ShareState::Ended => ItemShareState::Ended,
    }
}

fn view(view: rest::ShareView) -> ItemShareView {
    ItemShareView { viewed_at: view.at, email: view.email, address: view.address }
}

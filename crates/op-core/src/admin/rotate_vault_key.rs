//! Rotating the key of a vault: its content is re-encrypted, and the new key is wrapped for everybody who has access.
//!
//! Re-encrypted items are staged on the server, where nobody sees them, and replace the old ones all at once. Items
//! that others change in the meantime are recognized by their version, and re-encrypted again. docs/decisions/0048 says
//! why.

use std::{collections::HashMap, mem, sync::Mutex};

use futures_util::future::{try_join, try_join_all};
use op_protocol::{
    envelope::Envelope,
    id::{ItemId, VaultId},
    jwk::SymmetricKey,
    rest::{
        ItemRecord, OverviewsResponse, ReencryptedItem, ResealedShare, RotateVaultKeyRequest, ShareRecord,
        VaultAccessor, VaultRecord, routes,
    },
};

use crate::{
    client::{
        Client, vault_records,
        wrap::{Accessor, VaultKeyVersion},
        writer::MAX_CONTENT,
    },
    error::{Error, ErrorKind, Result},
    items::{self, shares::records as shares},
    lock::lock,
    wire::conflicts::until_settled,
};

/// One request reads no more items than this. An item may have 2 MiB, and a client reads no response above 64 MiB.
const BATCH: usize = 16;

/// A rotation in progress.
struct Rotation<'a> {
    vault_id: &'a VaultId,
    key: SymmetricKey,
    /// The version of each item that is staged, and the id of the key that it was under.
    staged: Mutex<HashMap<String, (u32, String)>>,
}

impl Rotation<'_> {
    /// Returns the ids of the vault and of its new key, which the routes of the rotation take.
    fn ids(&self) -> [&str; 2] {
        [self.vault_id.as_str(), self.key.kid()]
    }
}

/// Gives a vault or Environment a new key, and returns how many items were re-encrypted. Others can keep reading and
/// writing in the meantime.
///
/// # Errors
/// This user does not manage the vault, or others changed it too often.
pub async fn rotate_vault_key(client: &Client, vault_id: &VaultId) -> Result<usize> {
    let key = SymmetricKey::new(client.new_id(), client.api.connection.random());
    let rotation = Rotation { vault_id, key, staged: Mutex::default() };
    let result = until_settled(&client.api.connection, || attempt_rotation(client, &rotation)).await;
    if result.is_err() {
        // The next rotation discards the staged items too; the caller has to learn why this rotation failed.
        let _ = client.api.act(&routes::ABANDON_ROTATION.at(rotation.ids())).await;
    }
    result.map(|()| lock(&rotation.staged).len())
}

async fn attempt_rotation(client: &Client, rotation: &Rotation<'_>) -> Result<()> {
    let vault_id = rotation.vault_id;
    let vault = client.api.get_one::<VaultRecord>(vault_records::target_with_accessors(vault_id));
    let accessors = client.api.get::<Vec<VaultAccessor>>(routes::VAULT_ACCESSORS.at([vault_id.as_str()]));
    let (vault, accessors) = try_join(vault, accessors).await?;
    let old = client.keychain.vault_key(&vault).await?;
    stage_items(client, rotation, &old).await?;

    let access = vault.combined_access.as_ref();
    let access = access.ok_or_else(|| Error::new(ErrorKind::InvalidResponse, "combined access field is missing"))?;
    let new =
        VaultKeyVersion { vault_id: vault_id.as_str(), key: &rotation.key, sn: access.vault_key_sn.saturating_add(1) };
    let wrapped = accessors.iter().map(async |each| {
        let accessor = Accessor {
            kind: each.accessor_type,
            id: &each.accessor_uuid,
            public_key: &each.pub_key,
            permissions: each.acl,
        };
        new.access(client.host(), &accessor).await
    });
    let attributes = vault.enc_attrs.open(&old);
    let attributes = attributes.map_err(|_| Error::new(ErrorKind::Decryption, "the vault's attributes"))?;
    let request = RotateVaultKeyRequest {
        enc_attrs: Envelope::seal(&rotation.key, client.api.connection.random(), &attributes),
        attr_version: vault.attr_version,
        access_version: access.access_version.unwrap_or_default(),
        access: try_join_all(wrapped).await?,
        shares: resealed_shares(client, rotation, &old).await?,
    };
    client.api.mutate(&routes::FINISH_ROTATION.at(rotation.ids()), &request).await
}

/// Returns the secrets of the vault's shares that can still be opened, sealed with the new key.
async fn resealed_shares(client: &Client, rotation: &Rotation<'_>, old: &SymmetricKey) -> Result<Vec<ResealedShare>> {
    let records = shares::records(client, Some(rotation.vault_id), None).await?;
    let reseal = |record: &ShareRecord| {
        let sealed = record.enc_share_secret.as_ref()?;
        let resealed = shares::open_secret(record, old).map(|secret| {
            let nonce = client.api.connection.random();
            Envelope::seal(&rotation.key, nonce, secret.fragment().as_bytes())
        });
        let enc_share_secret = resealed.ok_or_else(|| {
            if sealed.kid != old.kid() {
                return Error::new(ErrorKind::Conflict, "another change of the key");
            }
            let problem = format_args!("the secret of share `{}`: revoke the share, then change the key", record.uuid);
            Error::new(ErrorKind::Decryption, problem)
        });
        Some(enc_share_secret.map(|sealed| ResealedShare { uuid: record.uuid.clone(), enc_share_secret: sealed }))
    };
    records.iter().filter_map(reseal).collect()
}

/// Stages every item that is not staged at its current version. Another rotation discards what is staged, and gives the
/// items another key.
async fn stage_items(client: &Client, rotation: &Rotation<'_>, old: &SymmetricKey) -> Result<()> {
    let overviews: OverviewsResponse = client.api.get(routes::ITEM_OVERVIEWS.at([rotation.vault_id.as_str()])).await?;
    let items = overviews.items.unwrap_or_default();
    let is_staged = |item: &ItemRecord| {
        let current = (item.item_version, item.enc_overview.kid.clone());
        lock(&rotation.staged).get(&item.uuid) == Some(&current)
    };
    let missing = items.into_iter().filter(|item| !is_staged(item));
    let missing: Vec<_> = missing.map(|item| ItemId::from_server(item.uuid)).collect();
    for part in missing.chunks(BATCH) {
        let read = || items::read::records(client, rotation.vault_id, part);
        let fetched = read().await?;
        let (fetched, key) =
            items::read::with_current_key(client, rotation.vault_id, fetched, old.clone(), Box::pin(read())).await?;
        let (mut sealed, mut size) = (Vec::new(), 0);
        for record in fetched.records.iter().flatten() {
            let item = reencrypted(client, rotation, record, &key).await?;
            let item_size = item.enc_overview.data.len() + item.enc_details.data.len();
            if size + item_size > MAX_CONTENT {
                send_staged(client, rotation, &key, mem::take(&mut sealed)).await?;
                size = 0;
            }
            size += item_size;
            sealed.push(item);
        }
        send_staged(client, rotation, &key, sealed).await?;
    }
    Ok(())
}

async fn reencrypted(
    client: &Client,
    rotation: &Rotation<'_>,
    record: &ItemRecord,
    key: &SymmetricKey,
) -> Result<ReencryptedItem> {
    let plaintext = items::read::open_record(client, record, key).await?;
    let seal = |text: &[u8]| Envelope::seal(&rotation.key, client.api.connection.random(), text);
    Ok(ReencryptedItem {
        uuid: record.uuid.clone(),
        item_version: record.item_version,
        enc_overview: seal(&plaintext.overview),
        enc_details: seal(&plaintext.details),
    })
}

/// Stages items that were under the key `before`.
async fn send_staged(
    client: &Client,
    rotation: &Rotation<'_>,
    before: &SymmetricKey,
    sealed: Vec<ReencryptedItem>,
) -> Result<()> {
    if sealed.is_empty() {
        return Ok(());
    }
    client.api.mutate(&routes::REENCRYPT_ITEMS.at(rotation.ids()), &sealed).await?;
    let staged = sealed.into_iter().map(|item| (item.uuid, (item.item_version, before.kid().to_owned())));
    lock(&rotation.staged).extend(staged);
    Ok(())
}

//! Rotating the key of a vault: its content is re-encrypted, and the new key is wrapped for everybody who has access.
//!
//! Re-encrypted items are staged on the server, where nobody sees them, and replace the old ones all at once. Items
//! that others change in the meantime are recognized by their version, and re-encrypted again. docs/decisions/0048 says
//! why.

use std::{collections::HashMap, mem};

use futures_util::future::{try_join, try_join_all};
use op_protocol::{
    envelope::Envelope,
    jwk::SymmetricKey,
    rest::{
        ItemRecord, OverviewsResponse, ReencryptedItem, RotateVaultKeyRequest, VaultAccessor, VaultRecord,
        accessor_type, routes,
    },
};

use crate::{
    client::{
        Client, vault_records,
        wrap::{Accessor, VaultKeyVersion},
        writer::MAX_CONTENT,
    },
    error::{Error, ErrorKind, Result},
    ids, items,
    wire::conflicts::Conflicts,
};

/// One request reads no more items than this. An item may have 2 MiB, and a client reads no response above 64 MiB.
const BATCH: usize = 16;

/// A rotation in progress.
struct Rotation<'a> {
    vault_id: &'a str,
    key: SymmetricKey,
    /// The version of each item that is staged.
    staged: HashMap<String, u32>,
}

impl Rotation<'_> {
    /// Returns the ids of the vault and of its new key, which the routes of the rotation take.
    fn ids(&self) -> [&str; 2] {
        [self.vault_id, self.key.kid()]
    }
}

/// Gives a vault or Environment a new key, and returns how many items were re-encrypted. Others can keep reading and
/// writing in the meantime.
///
/// # Errors
/// This user does not manage the vault, or others changed it too often.
pub async fn rotate_vault_key(client: &Client, vault_id: &str) -> Result<usize> {
    ids::check("vault_id", vault_id)?;
    let key = SymmetricKey::new(client.new_id(), client.api.connection.random());
    let mut rotation = Rotation { vault_id, key, staged: HashMap::new() };
    let result = rotate(client, &mut rotation).await;
    if result.is_err() {
        // The next rotation discards the staged items too; the caller has to learn why this rotation failed.
        let _ = client.api.act(&routes::ABANDON_ROTATION.at(rotation.ids())).await;
    }
    result.map(|()| rotation.staged.len())
}

async fn rotate(client: &Client, rotation: &mut Rotation<'_>) -> Result<()> {
    let mut conflicts = Conflicts::new(&client.api.connection);
    loop {
        let rotated = attempt_rotation(client, rotation).await;
        if let Some(settled) = conflicts.settled(rotated).await {
            return settled;
        }
    }
}

async fn attempt_rotation(client: &Client, rotation: &mut Rotation<'_>) -> Result<()> {
    let vault_id = rotation.vault_id;
    let vault = client.api.get_one::<VaultRecord>(vault_records::target_with_accessors(vault_id));
    let accessors = client.api.get::<Vec<VaultAccessor>>(routes::VAULT_ACCESSORS.at([vault_id]));
    let (vault, accessors) = try_join(vault, accessors).await?;
    let old = client.keychain.vault_key(&vault).await?;
    stage_items(client, rotation, &old).await?;

    let access = vault.combined_access.as_ref();
    let access = access.ok_or_else(|| Error::new(ErrorKind::InvalidResponse, "combined access field is missing"))?;
    let new = VaultKeyVersion { vault_id, key: &rotation.key, sn: access.vault_key_sn.saturating_add(1) };
    let wrapped = accessors.iter().map(async |each| {
        let kind = if each.accessor_type == accessor_type::GROUP { accessor_type::GROUP } else { accessor_type::USER };
        let accessor = Accessor { kind, id: &each.accessor_uuid, public_key: &each.pub_key, permissions: each.acl };
        new.access(client.host(), &accessor).await
    });
    let attributes = vault.enc_attrs.open(&old);
    let attributes = attributes.map_err(|_| Error::new(ErrorKind::Decryption, "the vault's attributes"))?;
    let request = RotateVaultKeyRequest {
        enc_attrs: Envelope::seal(&rotation.key, client.api.connection.random(), &attributes),
        attr_version: vault.attr_version,
        access_version: access.access_version.unwrap_or_default(),
        access: try_join_all(wrapped).await?,
    };
    client.api.mutate(&routes::FINISH_ROTATION.at(rotation.ids()), &request).await
}

/// Stages every item that is not staged at its current version.
async fn stage_items(client: &Client, rotation: &mut Rotation<'_>, old: &SymmetricKey) -> Result<()> {
    let overviews: OverviewsResponse = client.api.get(routes::ITEM_OVERVIEWS.at([rotation.vault_id])).await?;
    let items = overviews.items.unwrap_or_default();
    let missing = items.iter().filter(|item| rotation.staged.get(&item.uuid) != Some(&item.item_version));
    let missing: Vec<String> = missing.map(|item| item.uuid.clone()).collect();
    for part in missing.chunks(BATCH) {
        let records = items::read::all_records(client, rotation.vault_id, part.to_vec()).await?;
        let (mut sealed, mut size) = (Vec::new(), 0);
        for record in records.values() {
            let item = reencrypted(client, rotation, record, old).await?;
            let item_size = item.enc_overview.data.len() + item.enc_details.data.len();
            if size + item_size > MAX_CONTENT {
                send_staged(client, rotation, mem::take(&mut sealed)).await?;
                size = 0;
            }
            size += item_size;
            sealed.push(item);
        }
        send_staged(client, rotation, sealed).await?;
    }
    Ok(())
}

async fn reencrypted(
    client: &Client,
    rotation: &Rotation<'_>,
    record: &ItemRecord,
    old: &SymmetricKey,
) -> Result<ReencryptedItem> {
    let plaintext = items::read::open_record(client, rotation.vault_id, record, old.clone()).await?;
    let seal = |text: &[u8]| Envelope::seal(&rotation.key, client.api.connection.random(), text);
    Ok(ReencryptedItem {
        uuid: record.uuid.clone(),
        item_version: record.item_version,
        enc_overview: seal(&plaintext.overview),
        enc_details: seal(&plaintext.details),
    })
}

async fn send_staged(client: &Client, rotation: &mut Rotation<'_>, sealed: Vec<ReencryptedItem>) -> Result<()> {
    if sealed.is_empty() {
        return Ok(());
    }
    client.api.mutate(&routes::REENCRYPT_ITEMS.at(rotation.ids()), &sealed).await?;
    rotation.staged.extend(sealed.into_iter().map(|item| (item.uuid, item.item_version)));
    Ok(())
}

//! Changes of items, and what became of them.

use std::sync::Arc;

use op_protocol::{
    envelope::Envelope,
    file::SigningKey,
    item::FileAttributes,
    jwk::SymmetricKey,
    rest::{FileReference, ItemPatch, ItemRecord, ItemResponse, ItemState, failed_item},
};

use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    ids,
    items::read::{self, without_details},
    plaintext::{
        Plaintext,
        decode::{self, Facts},
        timestamp,
    },
    types::Item,
};

/// An item as it shall be.
pub(crate) struct ItemChange {
    pub(crate) id: String,
    /// The version that it replaces; 0 for a new item.
    pub(crate) replaces: u32,
    pub(crate) state: ItemState,
    pub(crate) template_uuid: String,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
    content: Content,
    files: Vec<OwnedFile>,
}

/// A file that the item keeps.
struct OwnedFile {
    id: String,
    key: SigningKey,
}

/// The content of an item as it shall be.
enum Content {
    /// To be sealed with the key that the vault has then.
    Plain(Plaintext),
    /// As the server has it.
    Sealed(Box<Sealed>),
}

/// The ciphertext of an item.
struct Sealed {
    overview: Envelope,
    details: Envelope,
}

impl ItemChange {
    /// A new item.
    pub(crate) fn create(id: String, template_uuid: &str, plaintext: Plaintext, now_seconds: u64) -> Self {
        let now = timestamp::rfc3339(now_seconds);
        Self {
            id,
            replaces: 0,
            state: ItemState::Active,
            template_uuid: template_uuid.to_owned(),
            created_at: now.clone(),
            updated_at: now,
            content: Content::Plain(plaintext),
            files: Vec::new(),
        }
    }

    /// Other content in the place of a stored item's.
    pub(crate) fn edit(record: &ItemRecord, plaintext: Plaintext, now_seconds: u64) -> Self {
        Self {
            id: record.uuid.clone(),
            replaces: record.item_version,
            state: record.trashed,
            template_uuid: record.template_uuid.clone(),
            created_at: record.created_at.clone(),
            updated_at: timestamp::rfc3339(now_seconds),
            content: Content::Plain(plaintext),
            files: Vec::new(),
        }
    }

    /// A stored item in another state. Its content is sent as it came: nothing can be lost on the way.
    pub(crate) fn to_state(record: ItemRecord, state: ItemState) -> Result<Self> {
        let details = record.enc_details.ok_or_else(without_details)?;
        Ok(Self {
            id: record.uuid,
            replaces: record.item_version,
            state,
            template_uuid: record.template_uuid,
            created_at: record.created_at,
            updated_at: record.updated_at,
            content: Content::Sealed(Box::new(Sealed { overview: record.enc_overview, details })),
            files: Vec::new(),
        })
    }

    /// The files that the item keeps; those that cannot be shown to belong to it are left out.
    pub(crate) fn with_files(mut self, files: impl Iterator<Item = FileAttributes>) -> Self {
        let owned =
            |file: FileAttributes| Some(OwnedFile { key: file.signing_key()?, id: file.document_id.text().to_owned() });
        self.files = files.filter_map(owned).collect();
        self
    }

    /// What stands beside the item's plaintext once the server has made this change.
    pub(crate) fn facts(&self, version: u32) -> Facts<'_> {
        Facts {
            id: &self.id,
            template_uuid: &self.template_uuid,
            version,
            created_at: &self.created_at,
            updated_at: &self.updated_at,
        }
    }

    /// The element of a request that makes this change. A nonce comes from `random`; `key` is the vault's.
    pub(crate) fn seal(&self, key: &SymmetricKey, random: impl Fn() -> [u8; 12]) -> ItemPatch {
        let (enc_overview, enc_details) = match &self.content {
            Content::Plain(plaintext) => {
                (Envelope::seal(key, random(), &plaintext.overview), Envelope::seal(key, random(), &plaintext.details))
            }
            Content::Sealed(sealed) => (sealed.overview.clone(), sealed.details.clone()),
        };
        ItemPatch {
            uuid: self.id.clone(),
            item_version: self.replaces,
            encrypted_by: enc_details.kid.clone(),
            enc_overview,
            enc_details,
            trashed: self.state,
            template_uuid: self.template_uuid.clone(),
            created_at: self.created_at.clone(),
            updated_at: self.updated_at.clone(),
            file_references: self.file_references(),
        }
    }

    /// Whether it can be made in a vault that has this key: what is sent as it came is under the key of then. Of a deleted
    /// item nothing is kept, under whatever key.
    pub(crate) fn fits(&self, key: &SymmetricKey) -> bool {
        match &self.content {
            Content::Sealed(sealed) if self.state != ItemState::Deleted => sealed.details.kid == key.kid(),
            _ => true,
        }
    }

    /// The files that stay, signed for the version that the item has; absent when there is none.
    fn file_references(&self) -> Option<Vec<FileReference>> {
        let reference = |OwnedFile { id, key }: &OwnedFile| FileReference {
            file_id: id.clone(),
            signature: key.sign(id, &self.id, self.replaces),
        };
        (!self.files.is_empty()).then(|| self.files.iter().map(reference).collect())
    }

    /// The size of its content, about as many bytes as are sent.
    pub(crate) fn content_size(&self) -> usize {
        match &self.content {
            Content::Plain(plaintext) => plaintext.overview.len() + plaintext.details.len(),
            Content::Sealed(sealed) => sealed.overview.data.len() + sealed.details.data.len(),
        }
    }
}

/// Changes the content of one item, and gives the item as it is then. `content_version` is the vault's, if it was
/// read just now.
pub(crate) async fn write_item(
    client: &Client,
    vault_id: &str,
    content_version: Option<u32>,
    change: ItemChange,
) -> Result<Item> {
    let changes = Arc::new(vec![change]);
    let version = only(client.items.write(vault_id, content_version, &changes).await?)?;
    let change = changes.first().ok_or_else(no_answer)?;
    changed_item(client, vault_id, change, version)
}

/// The item that a change of content made.
pub(crate) fn changed_item(client: &Client, vault_id: &str, change: &ItemChange, version: u32) -> Result<Item> {
    match &change.content {
        Content::Plain(plaintext) => decode::item(&change.facts(version), plaintext, vault_id, client.now_seconds()),
        Content::Sealed(_) => Err(no_answer()),
    }
}

/// Brings an item into another state, whichever it is in. A deleted one keeps no files.
pub(crate) async fn set_state(client: &Client, vault_id: &str, item_id: &str, state: ItemState) -> Result<()> {
    ids::check("vault_id", vault_id)?;
    ids::check("item_id", item_id)?;
    let mut refused = None;
    loop {
        let (stored, files) = item_with_files(client, vault_id, item_id, state).await?;
        let (version, sealed_by) = (stored.item.item_version, stored.item.enc_overview.kid.clone());
        // The item is the same under another key: the vault's was changed since it was read.
        if let Some((error, version_then, sealed_by_then)) = refused
            && (version != version_then || sealed_by == sealed_by_then)
        {
            return Err(error);
        }
        match set_stored_state(client, vault_id, stored, state, files).await {
            Err(error) if error.kind() == ErrorKind::Conflict => refused = Some((error, version, sealed_by)),
            result => return result,
        }
    }
}

/// An item as it is stored, and the files that it keeps in another state.
async fn item_with_files(
    client: &Client,
    vault_id: &str,
    item_id: &str,
    state: ItemState,
) -> Result<(ItemResponse, Vec<FileAttributes>)> {
    if state == ItemState::Deleted {
        return Ok((read::record(client, vault_id, item_id).await?, Vec::new()));
    }
    let (stored, key) = read::item_and_key(client, vault_id, item_id).await?;
    let plaintext = read::open_record(client, vault_id, &stored.item, key).await?;
    let files = decode::files(&(&stored.item).into(), &plaintext)?;
    Ok((stored, files))
}

/// Brings an item that was read just now into another state, unless it was changed since. It keeps these files.
pub(crate) async fn set_stored_state(
    client: &Client,
    vault_id: &str,
    stored: ItemResponse,
    state: ItemState,
    files: Vec<FileAttributes>,
) -> Result<()> {
    let changes = Arc::new(vec![ItemChange::to_state(stored.item, state)?.with_files(files.into_iter())]);
    only(client.items.write(vault_id, Some(stored.content_version), &changes).await?).map(drop)
}

fn only(mut outcomes: Vec<Result<u32>>) -> Result<u32> {
    outcomes.pop().unwrap_or_else(|| Err(no_answer()))
}

/// What the codes of a refused item mean.
pub(crate) fn failure(code: u32) -> Error {
    match code {
        failed_item::BAD_REQUEST => Error::new(ErrorKind::BadInput, "bad request body when updating items")
            .with_reason("an item is of another category than the stored one, or is malformed"),
        failed_item::NO_PERMISSION => {
            Error::new(ErrorKind::PermissionDenied, "not sufficient permissions for the item update operation")
        }
        failed_item::INTERNAL => Error::new(ErrorKind::ServerError, "internal server error"),
        failed_item::CONFLICT => {
            Error::new(ErrorKind::Conflict, "race condition when updating items in the same vault")
        }
        failed_item::FILE_NOT_FOUND => Error::new(ErrorKind::NotFound, "file"),
        failed_item::TOO_BIG => Error::new(ErrorKind::ItemTooBig, ""),
        _ => Error::new(ErrorKind::InvalidResponse, "unknown item patch failure"),
    }
}

pub(crate) fn no_answer() -> Error {
    Error::new(ErrorKind::InvalidResponse, "item was not found in the server response")
}

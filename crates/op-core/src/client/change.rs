//! A change to an item, and what the server's refusals of it mean.

use op_protocol::{
    envelope::Envelope,
    file::SigningKey,
    id::{ItemId, VaultId},
    item::FileAttributes,
    jwk::SymmetricKey,
    rest::{FileReference, ItemPatch, ItemRecord, ItemState, failed_item},
};

use crate::{
    error::{Error, ErrorKind, Result},
    plaintext::{
        Plaintext,
        decode::{self, RecordMetadata},
        timestamp,
    },
    types::Item,
};

/// The new state of an item, as the server is to store it.
pub(crate) struct ItemChange {
    pub(crate) id: ItemId,
    /// The version that is replaced; 0 for a new item.
    pub(crate) replaces: u32,
    pub(crate) state: ItemState,
    pub(crate) template_uuid: String,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
    content: Content,
    files: Vec<OwnedFile>,
}

/// A file that belongs to the item.
struct OwnedFile {
    id: String,
    key: SigningKey,
}

/// The new content of an item.
enum Content {
    /// Sealed when it is sent, with the vault's key at that time.
    Plain(Plaintext),
    /// The stored ciphertext, unchanged.
    Sealed(Box<Sealed>),
}

/// The ciphertext of an item.
struct Sealed {
    overview: Envelope,
    details: Envelope,
}

impl ItemChange {
    /// Creates an item.
    pub(crate) fn create(id: ItemId, template_uuid: &str, plaintext: Plaintext, now_seconds: u64) -> Self {
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

    /// Replaces the content of a stored item.
    pub(crate) fn edit(record: &ItemRecord, plaintext: Plaintext, now_seconds: u64) -> Self {
        Self {
            id: ItemId::from_server(&record.uuid),
            replaces: record.item_version,
            state: record.trashed,
            template_uuid: record.template_uuid.clone(),
            created_at: record.created_at.clone(),
            updated_at: timestamp::rfc3339(now_seconds),
            content: Content::Plain(plaintext),
            files: Vec::new(),
        }
    }

    /// Changes the state of a stored item. Its ciphertext is sent back unchanged, so that nothing can be lost.
    pub(crate) fn to_state(record: ItemRecord, state: ItemState) -> Result<Self> {
        let details = record.enc_details.ok_or_else(without_details)?;
        Ok(Self {
            id: ItemId::from_server(record.uuid),
            replaces: record.item_version,
            state,
            template_uuid: record.template_uuid,
            created_at: record.created_at,
            updated_at: record.updated_at,
            content: Content::Sealed(Box::new(Sealed { overview: record.enc_overview, details })),
            files: Vec::new(),
        })
    }

    /// Sets the files that belong to the item. Files without a valid signing key are left out.
    pub(crate) fn with_files(mut self, files: impl Iterator<Item = FileAttributes>) -> Self {
        let owned =
            |file: FileAttributes| Some(OwnedFile { key: file.signing_key()?, id: file.document_id.text().to_owned() });
        self.files = files.filter_map(owned).collect();
        self
    }

    /// Returns the metadata of the item once the server has made this change.
    pub(crate) fn metadata(&self, version: u32) -> RecordMetadata<'_> {
        RecordMetadata {
            id: self.id.as_str(),
            template_uuid: &self.template_uuid,
            version,
            created_at: &self.created_at,
            updated_at: &self.updated_at,
        }
    }

    /// Returns the element of a request that makes this change, sealed with the vault's key and nonces from `random`.
    pub(crate) fn seal(&self, key: &SymmetricKey, random: impl Fn() -> [u8; 12]) -> ItemPatch {
        let (enc_overview, enc_details) = match &self.content {
            Content::Plain(plaintext) => {
                (Envelope::seal(key, random(), &plaintext.overview), Envelope::seal(key, random(), &plaintext.details))
            }
            Content::Sealed(sealed) => (sealed.overview.clone(), sealed.details.clone()),
        };
        ItemPatch {
            uuid: self.id.to_string(),
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

    /// Whether the change can be made in a vault with this key. Stored ciphertext is sealed with the key that the vault
    /// had when it was read. The key does not matter for a deleted item, whose content is discarded.
    pub(crate) fn fits(&self, key: &SymmetricKey) -> bool {
        match &self.content {
            Content::Sealed(sealed) if self.state != ItemState::Deleted => sealed.details.kid == key.kid(),
            _ => true,
        }
    }

    /// Returns the item's files, signed for the version that is replaced; `None` without files.
    fn file_references(&self) -> Option<Vec<FileReference>> {
        let reference = |OwnedFile { id, key }: &OwnedFile| FileReference {
            file_id: id.clone(),
            signature: key.sign(id, self.id.as_str(), self.replaces),
        };
        (!self.files.is_empty()).then(|| self.files.iter().map(reference).collect())
    }

    /// Returns the item as it is after a change of its content.
    pub(crate) fn item(&self, vault_id: &VaultId, version: u32, now_seconds: u64) -> Result<Item> {
        match &self.content {
            Content::Plain(plaintext) => {
                decode::item(&self.metadata(version), plaintext, vault_id.as_str(), now_seconds)
            }
            Content::Sealed(_) => Err(no_answer()),
        }
    }

    /// Returns the approximate number of bytes that are sent.
    pub(crate) fn content_size(&self) -> usize {
        match &self.content {
            Content::Plain(plaintext) => plaintext.overview.len() + plaintext.details.len(),
            Content::Sealed(sealed) => sealed.overview.data.len() + sealed.details.data.len(),
        }
    }
}

pub(crate) fn only(mut outcomes: Vec<Result<u32>>) -> Result<u32> {
    outcomes.pop().unwrap_or_else(|| Err(no_answer()))
}

/// Returns the failure for the code of a refused item.
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

/// The failure of a response that has an item without its details.
pub(crate) fn without_details() -> Error {
    Error::new(ErrorKind::InvalidResponse, "the server sent an item without its details")
}

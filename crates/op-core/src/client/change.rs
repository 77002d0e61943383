//! A change of an item, and what the server's refusals of it mean.

use op_protocol::{
    envelope::Envelope,
    file::SigningKey,
    item::FileAttributes,
    jwk::SymmetricKey,
    rest::{FileReference, ItemPatch, ItemRecord, ItemState, failed_item},
};

use crate::{
    error::{Error, ErrorKind, Result},
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

    /// The item that a change of content made.
    pub(crate) fn item(&self, vault_id: &str, version: u32, now_seconds: u64) -> Result<Item> {
        match &self.content {
            Content::Plain(plaintext) => decode::item(&self.facts(version), plaintext, vault_id, now_seconds),
            Content::Sealed(_) => Err(no_answer()),
        }
    }

    /// The size of its content, about as many bytes as are sent.
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

/// The failure of an answer that lists an item where it should hold it.
pub(crate) fn without_details() -> Error {
    Error::new(ErrorKind::InvalidResponse, "the server sent an item without its details")
}

//! Changes of a vault's items: sealed, sent together, and sent again when another change of the vault came first.

use std::{collections::HashMap, time::Duration};

use op_protocol::{
    envelope::Envelope,
    jwk::SymmetricKey,
    rest::{ItemPatch, ItemRecord, ItemState, PatchResponse, failed_item},
};

use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    host::HttpMethod,
    ids,
    item_records::without_details,
    items::{
        Plaintext,
        decode::{self, Facts},
    },
    timestamp,
    transport::Resource,
    types::Item,
};

/// One request changes no more items and no more bytes of content than this.
const MAX_ITEMS: usize = 500;
const MAX_CONTENT: usize = 4 << 20;
/// How often a change gives way to others of the same vault.
const MAX_CONFLICTS: u32 = 10;
const CONFLICT_BACKOFF: Duration = Duration::from_millis(10);

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
        })
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

    fn content_size(&self) -> usize {
        match &self.content {
            Content::Plain(plaintext) => plaintext.overview.len() + plaintext.details.len(),
            Content::Sealed(sealed) => sealed.overview.data.len() + sealed.details.data.len(),
        }
    }
}

impl Client {
    /// The item that a change made.
    pub(crate) fn changed_item(&self, vault_id: &str, change: &ItemChange, version: u32) -> Result<Item> {
        match &change.content {
            Content::Plain(plaintext) => decode::item(&change.facts(version), plaintext, vault_id, self.now_seconds()),
            Content::Sealed(_) => Err(no_answer()),
        }
    }

    /// Brings an item into another state, whichever it is in.
    pub(crate) async fn move_item(&self, vault_id: &str, item_id: &str, state: ItemState) -> Result<()> {
        ids::check("vault_id", vault_id)?;
        ids::check("item_id", item_id)?;
        let stored = self.item_record(vault_id, item_id).await?;
        let change = ItemChange::to_state(stored.item, state)?;
        self.change_item(vault_id, Some(stored.content_version), &change).await.map(drop)
    }

    /// Changes one item, and gives its new version. `content_version` is the vault's, if it was read just now.
    pub(crate) async fn change_item(
        &self,
        vault_id: &str,
        content_version: Option<u32>,
        change: &ItemChange,
    ) -> Result<u32> {
        let mut outcomes = self.change_items(vault_id, content_version, std::slice::from_ref(change)).await?;
        outcomes.pop().unwrap_or_else(|| Err(no_answer()))
    }

    /// Changes items of one vault in as few requests as may be. Gives the new version of each, or why it was refused;
    /// fails as a whole when nothing was changed.
    pub(crate) async fn change_items(
        &self,
        vault_id: &str,
        mut content_version: Option<u32>,
        changes: &[ItemChange],
    ) -> Result<Vec<Result<u32>>> {
        let mut outcomes: HashMap<&str, Result<u32>> = HashMap::new();
        let mut conflicts = 0;
        loop {
            let open = part(changes.iter().filter(|change| !outcomes.contains_key(change.id.as_str())));
            if open.is_empty() {
                break;
            }
            match self.patch(vault_id, content_version.take(), &open).await {
                Ok(answer) => {
                    let settled = settle(&answer, &open);
                    if settled.is_empty() {
                        return Err(no_answer());
                    }
                    outcomes.extend(settled);
                    content_version = Some(answer.content_version);
                }
                Err(error) if error.kind() == ErrorKind::Conflict && conflicts < MAX_CONFLICTS => {
                    conflicts += 1;
                    self.give_way(conflicts).await;
                }
                Err(error) if outcomes.is_empty() => return Err(error),
                // What is done is done, and the caller has to learn of it.
                Err(error) => {
                    let rest = changes.iter().filter(|change| !outcomes.contains_key(change.id.as_str()));
                    let rest: Vec<_> = rest.map(|change| (change.id.as_str(), Err(error.clone()))).collect();
                    outcomes.extend(rest);
                }
            }
        }
        let outcome = |change: &ItemChange| outcomes.remove(change.id.as_str()).unwrap_or_else(|| Err(no_answer()));
        Ok(changes.iter().map(outcome).collect())
    }

    async fn patch(
        &self,
        vault_id: &str,
        content_version: Option<u32>,
        changes: &[&ItemChange],
    ) -> Result<PatchResponse> {
        let (content_version, key) = match content_version {
            Some(version) => (version, self.keychain.vault_key_by_id(vault_id).await?),
            None => {
                let vault = self.vault_record(vault_id).await?;
                (vault.content_version, self.keychain.vault_key(&vault).await?)
            }
        };
        let body: Vec<ItemPatch> = changes.iter().map(|change| self.seal(change, &key)).collect();
        let route = format!("/api/v3/vault/{vault_id}/{content_version}/items");
        self.api.write(HttpMethod::Patch, &route, &body, Resource::Vault).await
    }

    fn seal(&self, change: &ItemChange, key: &SymmetricKey) -> ItemPatch {
        let seal = |plaintext: &[u8]| Envelope::seal(key, self.api.connection.random(), plaintext);
        let (enc_overview, enc_details) = match &change.content {
            Content::Plain(plaintext) => (seal(&plaintext.overview), seal(&plaintext.details)),
            Content::Sealed(sealed) => (sealed.overview.clone(), sealed.details.clone()),
        };
        ItemPatch {
            uuid: change.id.clone(),
            item_version: change.replaces,
            encrypted_by: enc_details.kid.clone(),
            enc_overview,
            enc_details,
            trashed: change.state,
            template_uuid: change.template_uuid.clone(),
            created_at: change.created_at.clone(),
            updated_at: change.updated_at.clone(),
            file_references: None,
        }
    }

    /// Waits a random time, longer from one conflict to the next, so that one of those who are at odds gets through.
    async fn give_way(&self, conflicts: u32) {
        let chance = u32::from(u8::from_be_bytes(self.api.connection.random()));
        self.api.connection.host.sleep(CONFLICT_BACKOFF * conflicts * chance / u32::from(u8::MAX)).await;
    }
}

/// As many of the changes as one request takes.
fn part<'a>(changes: impl Iterator<Item = &'a ItemChange>) -> Vec<&'a ItemChange> {
    let mut size = 0;
    let fits = |change: &&ItemChange| {
        let first = size == 0;
        size += change.content_size();
        first || size <= MAX_CONTENT
    };
    changes.take(MAX_ITEMS).take_while(fits).collect()
}

/// The changes that the answer decides. A server that refuses one may leave the others undone, and they are sent again.
fn settle<'a>(answer: &PatchResponse, changes: &[&'a ItemChange]) -> Vec<(&'a str, Result<u32>)> {
    let outcome = |id: &str| {
        let failed = answer.failed_items.as_ref().and_then(|failed| failed.get(id));
        let updated = answer.updated_items.as_ref().and_then(|updated| updated.get(id));
        failed.map(|code| Err(failure(*code))).or_else(|| updated.map(|version| Ok(*version)))
    };
    changes.iter().filter_map(|change| Some((change.id.as_str(), outcome(&change.id)?))).collect()
}

/// What the codes of a refused item mean.
fn failure(code: u32) -> Error {
    match code {
        failed_item::BAD_REQUEST => Error::new(ErrorKind::BadInput, "bad request body when updating items"),
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

fn no_answer() -> Error {
    Error::new(ErrorKind::InvalidResponse, "item was not found in the server response")
}

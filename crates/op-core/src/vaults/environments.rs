//! Environments: vaults of a special type, each with one item whose fields are the variables. docs/decisions/0052 says
//! why.

use futures_util::future::{join, try_join};
use op_protocol::{
    id::{ItemId, VaultId},
    item::{Details, Field, Loose, Overview, Section},
    jwk::SymmetricKey,
    rest::{ItemRecord, ItemState, ListedItem, OverviewsResponse, PatchResponse, VaultRecord, routes},
};

use crate::{
    client::{self, Client, change::ItemChange, vault_records},
    error::{Error, ErrorKind, Result},
    ids, items,
    plaintext::{self, Plaintext, kinds, values},
    types::{EnvironmentVariable, ItemFieldType},
    wire::{api, conflicts::until_settled},
};

/// The template of the item with the variables: a secure note. Nothing depends on it.
const TEMPLATE: &str = "003";
/// The field kinds of variables.
const MASKED: &str = "concealed";
const PLAIN: &str = "string";

/// A stored Environment.
struct Stored {
    vault: VaultRecord,
    key: SymmetricKey,
    content_version: u32,
    item: Option<(ItemRecord, Plaintext)>,
}

/// Returns the variables of an Environment, in their order.
pub(crate) async fn variables(client: &Client, environment_id: &VaultId) -> Result<Vec<EnvironmentVariable>> {
    let stored = stored(client, environment_id).await?;
    let Some((_, plaintext)) = stored.item else { return Ok(Vec::new()) };
    let details = Details::from_json(&plaintext.details).map_err(|_| unexpected(FETCHING))?;
    Ok(details.sections.elements().flat_map(|section| section.fields.elements()).map(variable).collect())
}

/// Reads the vault of an Environment.
pub(crate) async fn record(client: &Client, environment_id: &VaultId) -> Result<VaultRecord> {
    let vault = client.api.get_one(vault_records::target(environment_id)).await;
    let vault: VaultRecord = vault.map_err(|error| match error.kind() {
        ErrorKind::NotFound => error
            .with_text("bad input passed by the user: Environment was not found")
            .with_reason(format_args!("Environment `{environment_id}`")),
        _ => error,
    })?;
    if plaintext::vault::is_environment(&vault) {
        return Ok(vault);
    }
    let reason = "provided ID does not correspond to an Environment";
    Err(Error::new(ErrorKind::BadInput, reason)
        .with_reason(format_args!("`{environment_id}` is a vault"))
        .with_field("environment_id"))
}

/// Changes the variables of an Environment. `edit` runs again when others change the Environment at the same time.
pub(crate) async fn edit(client: &Client, environment_id: &VaultId, edit: impl Fn(&mut Variables)) -> Result<()> {
    until_settled(&client.api.connection, || edit_stored(client, environment_id, &edit)).await
}

async fn edit_stored(client: &Client, environment_id: &VaultId, edit: impl Fn(&mut Variables)) -> Result<()> {
    let stored = stored(client, environment_id).await?;
    let change = edited(client, &stored, edit)?;
    write_variables(client, &stored, &change).await
}

/// Writes the item. Fails with a conflict if others changed the Environment since it was read.
async fn write_variables(client: &Client, stored: &Stored, change: &ItemChange) -> Result<()> {
    let body = [change.seal(&stored.key, || client.api.connection.random())];
    let target = routes::CHANGE_ITEMS.at([&stored.vault.uuid, &stored.content_version.to_string()]);
    let answer: PatchResponse = client.api.write(&target, &body).await?;
    if let Some(code) = answer.failed_items.iter().flat_map(|failed| failed.values()).next() {
        return Err(client::change::failure(*code));
    }
    let is_updated = answer.updated_items.is_some_and(|updated| updated.contains_key(change.id.as_str()));
    if is_updated { Ok(()) } else { Err(client::change::no_answer()) }
}

fn edited(client: &Client, stored: &Stored, edit: impl Fn(&mut Variables)) -> Result<ItemChange> {
    let Some((record, plaintext)) = &stored.item else {
        let title = plaintext::vault::attributes(&stored.vault, &stored.key)?.name;
        let overview = Overview { title: title.as_str().into(), ..Overview::default() };
        let mut variables = Variables(Details::default());
        edit(&mut variables);
        let plaintext = Plaintext { overview: overview.to_json(), details: variables.0.to_json() };
        // The only item has the Environment's id, so that two clients that write the first variable at the same time do
        // not create two items.
        return Ok(ItemChange::create(
            ItemId::from_server(&stored.vault.uuid),
            TEMPLATE,
            plaintext,
            client.now_seconds(),
        ));
    };
    let details = Details::from_json(&plaintext.details).map_err(|_| unexpected(FETCHING))?;
    let mut variables = Variables(details);
    edit(&mut variables);
    let plaintext = Plaintext { overview: plaintext.overview.clone(), details: variables.0.to_json() };
    Ok(ItemChange::edit(record, plaintext, client.now_seconds()))
}

async fn stored(client: &Client, environment_id: &VaultId) -> Result<Stored> {
    // At the same time, because neither needs the other's response.
    let overviews = client.api.get_text(routes::ITEM_OVERVIEWS.at([environment_id.as_str()]));
    let (vault, overviews) = join(record(client, environment_id), overviews).await;
    let vault = vault?;
    let overviews = overviews.map_err(|error| in_environment(error, LISTING))?;
    let OverviewsResponse { content_version, items, .. } =
        api::decode(&overviews).map_err(|error| in_environment(error, LISTING))?;
    let items: Vec<ListedItem<'_>> = items.unwrap_or_default();
    let listed = match items.as_slice() {
        [] => {
            let key = client.keychain.vault_key(&vault).await?;
            return Ok(Stored { vault, key, content_version, item: None });
        }
        [listed] => listed,
        _ => return Err(unexpected("An unexpected error occurred as the Environment appears to be corrupted")),
    };
    if listed.trashed != ItemState::Active {
        return Err(ids::not_active(&ItemId::from_server(vault.uuid)));
    }
    let item_id = ItemId::from_server(listed.uuid.as_ref());
    let read = || async {
        let item = items::read::record(client, environment_id, &item_id).await;
        item.map_err(|error| in_environment(error, FETCHING))
    };
    let (item, key) = try_join(read(), client.keychain.vault_key(&vault)).await?;
    let (item, key) = items::read::with_current_key(client, environment_id, item, key, Box::pin(read())).await?;
    let plaintext = items::read::open_record(client, &item.item, &key).await;
    let plaintext = plaintext.map_err(|error| in_environment(error, FETCHING))?;
    Ok(Stored { vault, key, content_version: item.content_version, item: Some((item.item, plaintext)) })
}

const LISTING: &str = "An unexpected error occurred while processing the request";
// In the spelling of the public SDKs.
const FETCHING: &str = "An unexpected error occured while fetching the Environment";

/// Replaces the text of failures for missing or unreadable items by that of the public SDKs; other failures keep
/// theirs.
fn in_environment(error: Error, text: &str) -> Error {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::InvalidResponse | ErrorKind::Decryption => unexpected(text),
        _ => error,
    }
}

fn unexpected(text: &str) -> Error {
    Error::new(ErrorKind::InvalidResponse, text)
}

fn variable(field: &Field) -> EnvironmentVariable {
    EnvironmentVariable {
        name: field.title.text().to_owned(),
        value: field.value.as_ref().map(|value| text(field.kind.text(), value)).unwrap_or_default(),
        masked: field.value.is_some() && field.kind.text() == MASKED,
    }
}

/// Returns the text of a value; empty for kinds without a text.
fn text(kind: &str, value: &serde_json::Value) -> String {
    match kinds::field_type(kind, "") {
        ItemFieldType::Date | ItemFieldType::MonthYear if value.is_number() => value.to_string(),
        ItemFieldType::Date | ItemFieldType::MonthYear => value.as_str().unwrap_or_default().to_owned(),
        ItemFieldType::Address => String::new(),
        field_type => values::read(field_type, value),
    }
}

/// The variables of an Environment while they are edited.
pub(crate) struct Variables(Details);

impl Variables {
    /// Sets variables. An existing variable keeps its place; if there are several of a name, the last one is set.
    pub(crate) fn set(&mut self, variables: &[EnvironmentVariable]) {
        for new in variables {
            let place = self.fields().filter(|field| field.title.text() == new.name).last();
            match place {
                Some(field) => write(field, new),
                None => self.append(new),
            }
        }
    }

    /// Removes the variables with these names.
    pub(crate) fn unset(&mut self, names: &[String]) {
        for fields in self.sections().filter_map(|section| known(&mut section.fields)) {
            let is_removed = |field: &Field| names.iter().any(|name| name == field.title.text());
            fields.retain(|field| !field.get().is_some_and(is_removed));
        }
    }

    fn append(&mut self, new: &EnvironmentVariable) {
        let mut field = Field { id: new.name.as_str().into(), title: new.name.as_str().into(), ..Field::default() };
        write(&mut field, new);
        if self.sections().next().is_none() {
            let section = Section { id: "variables".into(), title: "".into(), ..Section::default() };
            self.0.sections = std::iter::once(section).collect();
        }
        if let Some(section) = self.sections().last() {
            match known(&mut section.fields) {
                Some(fields) => fields.push(field.into()),
                None => section.fields = std::iter::once(field).collect(),
            }
        }
    }

    fn sections(&mut self) -> impl Iterator<Item = &mut Section> {
        known(&mut self.0.sections).into_iter().flatten().filter_map(known)
    }

    fn fields(&mut self) -> impl Iterator<Item = &mut Field> {
        self.sections().filter_map(|section| known(&mut section.fields)).flatten().filter_map(known)
    }
}

fn write(field: &mut Field, variable: &EnvironmentVariable) {
    field.kind = if variable.masked { MASKED } else { PLAIN }.into();
    field.value = Some(serde_json::Value::from(variable.value.as_str()).into());
}

fn known<T>(member: &mut Loose<T>) -> Option<&mut T> {
    match member {
        Loose::Known(value) => Some(value),
        Loose::Missing | Loose::Unknown(_) => None,
    }
}

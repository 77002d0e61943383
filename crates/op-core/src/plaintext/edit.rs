//! Applying the changes of an edited item to a stored item's plaintext.
//!
//! Only what the caller changed is written. Everything else is kept as it is stored: members that are unknown to this
//! version, passkeys, fields that it cannot show. docs/decisions/0024 says why.

use op_protocol::item::{Details, Field, Loose, Overview, Text, Url};
use serde_json::{Value, json};

use super::{
    check, decode, elements_mut,
    encode::{form_field, invalid, is_built_in, non_empty, private_key, section_field, ssh_attributes, stored_value},
    kinds,
    ssh::PrivateKey,
    strength::strength,
    subtitle::subtitle,
};
use crate::{
    error::Result,
    types::{Item, ItemCategory, ItemCreateParams, ItemField, ItemFieldDetails, ItemFieldType},
};

/// The id of the built-in field that has a history and a strength.
const PASSWORD: &str = "password";

/// Refuses an edit that [`edited_item`](super::edited_item::edited_item) would refuse.
pub(super) fn check(before: &Item, after: &Item) -> Result<()> {
    same_category(before, after)?;
    check::check_edit(&params(before), &params(after))
}

pub(super) fn same_category(before: &Item, after: &Item) -> Result<()> {
    let problem = match after.category {
        category if category == before.category => return Ok(()),
        ItemCategory::Unsupported => kinds::unsupported_category(),
        _ => "can't update the item's category".to_owned(),
    };
    Err(invalid(problem).with_field("item.category"))
}

/// An item before and after an edit.
pub(super) struct Edit<'a> {
    before: &'a Item,
    after: &'a Item,
    params: (ItemCreateParams, ItemCreateParams),
    now_seconds: u64,
}

impl<'a> Edit<'a> {
    pub(super) fn new(before: &'a Item, after: &'a Item, now_seconds: u64) -> Result<Self> {
        let params = (params(before), params(after));
        check::check_edit(&params.0, &params.1)?;
        Ok(Self { before, after, params, now_seconds })
    }

    pub(super) fn write_overview(&self, overview: &mut Overview) {
        let (before, after) = (self.before, self.after);
        if before.title != after.title {
            overview.title = after.title.as_str().into();
        }
        if before.tags != after.tags {
            overview.tags = non_empty(after.tags.iter().map(|tag| tag.as_str().into()));
        }
        if before.websites != after.websites {
            overview.urls = websites(overview, after);
            if after.websites.is_empty() {
                // The older member would be shown instead.
                overview.url = Loose::Missing;
            }
        }
        let subtitles = (self.subtitle(&self.params.0), self.subtitle(&self.params.1));
        if subtitles.0 != subtitles.1 {
            overview.ainfo = subtitles.1.as_str().into();
        }
        if self.built_in(before, PASSWORD) != self.built_in(after, PASSWORD) {
            let password = self.built_in(after, PASSWORD).filter(|password| !password.is_empty());
            overview.password_strength = password.map_or(Loose::Missing, |password| strength(password).into());
            overview.password_entropy = 0.into();
            overview.password_generated = false.into();
        }
    }

    fn subtitle(&self, params: &ItemCreateParams) -> String {
        let key = params.fields.iter().flatten().find(|field| field.field_type == ItemFieldType::SshKey);
        let key = key.and_then(|field| PrivateKey::parse(&field.value).ok());
        subtitle(params, key.as_ref(), self.now_seconds)
    }

    pub(super) fn write_details(&self, details: &mut Details) {
        if self.before.notes != self.after.notes {
            let notes = self.after.notes.as_str();
            details.notes_plain = if notes.is_empty() { Loose::Missing } else { notes.into() };
        }
        self.remember_password(details);
        let password = self.built_in(self.after, PASSWORD);
        match self.after.category {
            ItemCategory::Password if self.built_in(self.before, PASSWORD) != password => {
                details.password = password.map_or(Loose::Missing, Into::into);
            }
            ItemCategory::Login => self.write_form(details),
            _ => {}
        }
    }

    /// Returns the value of a built-in field.
    fn built_in<'i>(&self, item: &'i Item, id: &str) -> Option<&'i str> {
        self.built_ins(item, id).next().map(|field| field.value.as_str())
    }

    /// Returns the built-in fields with this id. Other clients may have stored several.
    fn built_ins<'i>(&self, item: &'i Item, id: &str) -> impl Iterator<Item = &'i ItemField> {
        item.fields.iter().filter(move |field| is_built_in(item.category, field) && field.id == id)
    }

    /// Adds a replaced or removed password to the history.
    fn remember_password(&self, details: &mut Details) {
        let (old, new) = (self.built_in(self.before, PASSWORD), self.built_in(self.after, PASSWORD));
        let Some(old) = old.filter(|old| !old.is_empty() && new != Some(*old)) else { return };
        let history = details.other.entry("passwordHistory".to_owned()).or_insert_with(|| json!([]).into());
        if let Value::Array(passwords) = &**history {
            let entry = json!({"value": old, "time": self.now_seconds});
            *history = Value::from_iter(passwords.iter().cloned().chain([entry])).into();
        }
    }

    /// Writes the designated fields of a Login's form. Fields that share a designation keep their places.
    fn write_form(&self, details: &mut Details) {
        for id in ["username", PASSWORD] {
            if self.built_ins(self.before, id).eq(self.built_ins(self.after, id)) {
                continue;
            }
            let mut wanted = self.built_ins(self.after, id);
            let fields = elements_mut(&mut details.fields);
            fields.retain_mut(|field| match field {
                Loose::Known(field) if field.designation.text() == id => {
                    wanted.next().map(|wanted| set_text(&mut field.value, &wanted.value)).is_some()
                }
                _ => true,
            });
            fields.extend(wanted.map(|field| Loose::Known(form_field(field))));
            if fields.is_empty() {
                details.fields = Loose::Missing;
            }
        }
    }

    /// Returns the edited fields that belong to sections.
    pub(super) fn section_fields(&self) -> impl Iterator<Item = &'a ItemField> {
        self.after.fields.iter().filter(|field| !is_built_in(self.after.category, field))
    }

    /// Returns the edited sections.
    pub(super) fn sections(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.after.sections.iter().map(|section| (section.id.as_str(), section.title.as_str()))
    }

    /// Returns a new field.
    pub(super) fn added(&self, field: &ItemField) -> Result<Field> {
        if field.field_type == ItemFieldType::Unsupported {
            return Err(invalid(kinds::unsupported_field(&field.title)));
        }
        section_field(field, ssh_key(field)?.as_ref())
    }

    /// Returns a stored field with the caller's changes.
    pub(super) fn changed(&self, mut stored: Field, section_id: &str, field: &ItemField) -> Result<Field> {
        let Some(before) = decode::item_field(section_id, &stored, self.now_seconds) else { return Ok(stored) };
        if before.title != field.title {
            stored.title = field.title.as_str().into();
        }
        if before.field_type != field.field_type {
            let Field { title, other, .. } = stored;
            return Ok(Field { title, other, ..self.added(field)? });
        }
        if before.value != field.value || address(&before) != address(field) {
            stored.value = stored_value(field)?;
            if let Some(key) = ssh_key(field)? {
                let new = ssh_attributes(&field.value, &key);
                match &mut stored.attributes {
                    Loose::Known(attributes) => attributes.ssh_key_attributes = new.ssh_key_attributes,
                    attributes => *attributes = new.into(),
                }
            }
        }
        Ok(stored)
    }
}

/// Returns the parts of an address. The details of other types follow from their value.
fn address(field: &ItemField) -> Option<&ItemFieldDetails> {
    field.details.as_ref().filter(|_| field.field_type == ItemFieldType::Address)
}

fn ssh_key(field: &ItemField) -> Result<Option<PrivateKey>> {
    let is_key = field.field_type == ItemFieldType::SshKey;
    is_key.then(|| private_key(field)).transpose()
}

/// Returns the edited websites. Stored members of websites that remain are kept.
fn websites(overview: &Overview, after: &Item) -> Loose<Vec<Loose<Url>>> {
    let mut stored: Vec<&Url> = overview.urls.elements().collect();
    non_empty(after.websites.iter().map(|website| {
        let at = stored.iter().position(|url| url.url.text() == website.url);
        let mut url = at.map(|at| stored.remove(at).clone()).unwrap_or_default();
        url.url = website.url.as_str().into();
        set_text(&mut url.label, &website.label);
        if kinds::autofill_behavior(url.mode.text()) != website.autofill_behavior || url.mode.is_missing() {
            url.mode = kinds::mode(website.autofill_behavior).into();
        }
        url
    }))
}

fn set_text(member: &mut Loose<Text>, text: &str) {
    if member.text() != text || member.is_missing() {
        *member = text.into();
    }
}

/// Returns the parameters that would create the item.
pub(super) fn params(item: &Item) -> ItemCreateParams {
    ItemCreateParams {
        category: item.category,
        vault_id: item.vault_id.clone(),
        title: item.title.clone(),
        fields: Some(item.fields.clone()),
        sections: Some(item.sections.clone()),
        notes: Some(item.notes.clone()),
        tags: Some(item.tags.clone()),
        websites: Some(item.websites.clone()),
        files: None,
        document: None,
    }
}

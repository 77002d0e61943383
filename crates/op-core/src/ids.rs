//! Checks of ids: those that callers pass, and those in responses.

use std::str::FromStr;

use op_protocol::{
    id::{ItemId, NotAnId, is_id},
    rest::{GroupRecord, ItemRecord, ItemResponse, ShareRecord, UserRecord, VaultRecord, routes::Resource},
};

use crate::error::{Error, ErrorKind, Result};

/// The longest invalid id that an error quotes, in characters.
const MAX_SHOWN: usize = 40;

/// Reads an id that a caller passed as the parameter `field`.
///
/// # Errors
/// The text does not have the form of an id.
pub fn parse_id<T: FromStr<Err = NotAnId>>(field: &str, text: &str) -> Result<T> {
    text.parse().map_err(|NotAnId| invalid(field, text))
}

/// Refuses a text that cannot be an id, before anything is sent.
pub(crate) fn check(field: &str, id: &str) -> Result<()> {
    if is_id(id) { Ok(()) } else { Err(invalid(field, id)) }
}

/// The failure of a call with a text in place of an id.
pub(crate) fn invalid(field: &str, text: &str) -> Error {
    Error::new(ErrorKind::InvalidConfiguration, "the provided ID is not in a valid format")
        .with_reason(format_args!("{} is not 26 letters and digits, as ids are", shown(text)))
        .with_field(field)
}

/// A response about one object, whose id it has.
pub(crate) trait Identified {
    fn id(&self) -> &str;
}

impl Identified for ItemRecord {
    fn id(&self) -> &str {
        &self.uuid
    }
}

impl Identified for ItemResponse {
    fn id(&self) -> &str {
        &self.item.uuid
    }
}

impl Identified for VaultRecord {
    fn id(&self) -> &str {
        &self.uuid
    }
}

impl Identified for GroupRecord {
    fn id(&self) -> &str {
        &self.uuid
    }
}

impl Identified for UserRecord {
    fn id(&self) -> &str {
        &self.uuid
    }
}

impl Identified for ShareRecord {
    fn id(&self) -> &str {
        &self.uuid
    }
}

/// Refuses a response about another object than the requested one.
pub(crate) fn check_answer(resource: Resource, asked: &str, answer: &impl Identified) -> Result<()> {
    if answer.id() == asked {
        return Ok(());
    }
    let noun = resource.noun();
    let problem = format_args!("the server answered with another {noun} than the one asked for, {asked}");
    Err(Error::new(ErrorKind::InvalidResponse, problem))
}

/// Returns how an error shows an id, which may be a title. Longer texts are not quoted.
fn shown(id: &str) -> String {
    let length = id.chars().count();
    if length <= MAX_SHOWN { format!("`{}`", id.escape_debug()) } else { format!("a text of {length} characters") }
}

/// The failure of a call for an item that is archived or deleted.
pub(crate) fn not_active(item_id: &ItemId) -> Error {
    Error::new(ErrorKind::ItemNotActive, "").with_reason(format_args!("item `{item_id}`"))
}

/// The failure of a call for something that does not exist.
pub(crate) fn not_found(noun: &str, id: &str) -> Error {
    Error::new(ErrorKind::NotFound, noun).with_reason(format_args!("{noun} {}", shown(id)))
}

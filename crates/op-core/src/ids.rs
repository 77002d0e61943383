//! Ids that callers pass in, and those that answers come with.

use op_protocol::{
    id::is_id,
    rest::{Group, ItemRecord, ItemResponse, User, Vault},
};

use crate::{
    error::{Error, ErrorKind, Result},
    transport::Resource,
};

/// Refuses what cannot be an id before anything is sent.
pub(crate) fn check(field: &str, id: &str) -> Result<()> {
    if is_id(id) {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::InvalidConfiguration, "the provided ID is not in a valid format").with_field(field))
    }
}

/// An answer about one thing, which it names.
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

impl Identified for Vault {
    fn id(&self) -> &str {
        &self.uuid
    }
}

impl Identified for Group {
    fn id(&self) -> &str {
        &self.uuid
    }
}

impl Identified for User {
    fn id(&self) -> &str {
        &self.uuid
    }
}

/// Refuses an answer about something else than what was asked for.
pub(crate) fn check_answer(resource: Resource, asked: &str, answer: &impl Identified) -> Result<()> {
    if answer.id() == asked {
        return Ok(());
    }
    let noun = resource.noun();
    let problem = format_args!("the server answered with another {noun} than the one asked for, {asked}");
    Err(Error::new(ErrorKind::InvalidResponse, problem))
}

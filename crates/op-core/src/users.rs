//! The people of an account as the server describes them.

use op_protocol::rest::{self, user_state};

use crate::{
    client::Client,
    error::Result,
    transport::Resource,
    types::{User, UserState},
};

impl Client {
    /// The people of the account.
    pub(crate) async fn user_records(&self) -> Result<Vec<rest::User>> {
        self.api.get("/api/opwire/v1/users".to_owned(), Resource::User).await
    }

    /// One person, by an id that was checked.
    pub(crate) async fn user_record(&self, user_id: &str) -> Result<rest::User> {
        self.api.get_one(format!("/api/opwire/v1/users/{user_id}"), user_id, Resource::User).await
    }
}

/// A person as callers see it.
pub(crate) fn user(record: rest::User) -> User {
    User {
        state: state(&record.state),
        id: record.uuid,
        name: record.name,
        email: record.email,
        created_at: record.created_at,
        group_ids: record.group_uuids,
    }
}

pub(crate) fn state(letter: &str) -> UserState {
    match letter {
        user_state::ACTIVE => UserState::Active,
        user_state::PENDING => UserState::Pending,
        user_state::SUSPENDED => UserState::Suspended,
        user_state::DELETED => UserState::Deleted,
        _ => UserState::Unsupported,
    }
}

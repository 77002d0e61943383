//! The people of an account.

use op_protocol::rest::{self, routes, user_state};

use crate::{
    client::Client,
    error::Result,
    types::{User, UserState},
};

/// Reads the people of the account.
pub(crate) async fn records(client: &Client) -> Result<Vec<rest::UserRecord>> {
    client.api.get(routes::USERS.at([])).await
}

/// Reads one person. The caller has checked the id.
pub(crate) async fn record(client: &Client, user_id: &str) -> Result<rest::UserRecord> {
    client.api.get_one(routes::USER.at([user_id])).await
}

/// Returns a person as callers see them.
pub(crate) fn user(record: rest::UserRecord) -> User {
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

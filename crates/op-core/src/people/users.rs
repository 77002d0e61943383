//! The people of an account.

use op_protocol::{
    id::UserId,
    rest::{self, routes},
    set::Open,
};

use crate::{
    client::Client,
    error::Result,
    types::{User, UserState},
};

/// Reads the people of the account.
pub(crate) async fn records(client: &Client) -> Result<Vec<rest::UserRecord>> {
    client.api.get(routes::USERS.at([])).await
}

/// Reads one person.
pub(crate) async fn record(client: &Client, user_id: &UserId) -> Result<rest::UserRecord> {
    client.api.get_one(routes::USER.at([user_id.as_str()])).await
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

pub(crate) fn state(state: &Open<rest::UserState>) -> UserState {
    match state.known() {
        Some(rest::UserState::Active) => UserState::Active,
        Some(rest::UserState::Pending) => UserState::Pending,
        Some(rest::UserState::Suspended) => UserState::Suspended,
        Some(rest::UserState::Deleted) => UserState::Deleted,
        None => UserState::Unsupported,
    }
}

//! Texts that become ids. A text does not say what it is the id of; the field that it goes into does.

use op_protocol::id::{GroupId, InviteId, ItemId, ShareId, UserId, VaultId, is_id};

/// A text that was found to be an id: in the path of a request, or when it was stored in its column.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct IdText(String);

impl IdText {
    /// The text, if it has the form of an id.
    pub(crate) fn checked(text: String) -> Option<Self> {
        is_id(&text).then_some(Self(text))
    }
}

/// The same, from a column that may be NULL.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct OptionalIdText(Option<String>);

macro_rules! from_text {
    ($($id:ident),+) => {$(
        impl From<IdText> for $id {
            fn from(text: IdText) -> Self {
                Self::from_server(text.0)
            }
        }
    )+};
}

from_text!(VaultId, ItemId, UserId, GroupId, InviteId, ShareId);

/// Files and keys have ids without a type.
impl From<IdText> for String {
    fn from(text: IdText) -> Self {
        text.0
    }
}

impl From<OptionalIdText> for Option<UserId> {
    fn from(text: OptionalIdText) -> Self {
        text.0.map(UserId::from_server)
    }
}

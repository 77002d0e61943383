//! People and groups, as the account server describes them.

pub(crate) mod groups;
pub(crate) mod users;

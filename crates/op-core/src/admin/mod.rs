//! Administration. Accounts, people, groups and service accounts are built by the client; the server receives only
//! verifiers, public keys and ciphertext. docs/decisions/0053 says why only the native build has it.

mod abandoned_vaults;
mod account_builder;
mod audit;
mod change_password;
mod confirm_user;
mod create_account;
mod create_group;
mod invites;
mod join;
mod recovery;
mod rotate_vault_key;
mod service_accounts;
mod sessions;
mod share_policy;
mod user_state;

use op_protocol::{jwk::RsaPrivateKey, secret_key::SecretKey};

use crate::error::{Error, ErrorKind, Result};
pub use abandoned_vaults::{abandoned_vaults, remove_abandoned_vault};
pub use audit::audit;
pub use change_password::change_password;
pub use confirm_user::{confirm_user, reject_user};
pub use create_account::{NewAccount, create_account};
pub use create_group::{create_group, delete_group};
pub use invites::{Invitation, invite, invites, recover_user, withdraw_invite};
pub use join::{Invited, NewPerson, join, open_invitation};
pub use recovery::{LeftOut, complete_recovery};
pub use rotate_vault_key::rotate_vault_key;
pub use service_accounts::{
    Grant, NewServiceAccount, create_service_account, revoke_service_account, rotate_service_account, service_accounts,
};
pub use sessions::{end_session, sessions, sign_out, sign_out_everywhere_else};
pub use share_policy::{
    clear_vault_share_policy, set_share_policy, set_vault_share_policy, share_policy, vault_share_policy,
};
pub use user_state::{reactivate_user, suspend_user};

/// Generates RSA keys, which the core cannot do itself. Their id is set where they are used.
pub type NewKeys<'a> = &'a (dyn Fn() -> Result<RsaPrivateKey> + Sync);

/// What a person has to keep: together with the password, it opens the account.
pub struct EmergencyKit {
    /// The id of the account.
    pub account_id: String,
    /// The id of the person.
    pub user_id: String,
    /// The person's Secret Key.
    pub secret_key: SecretKey,
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Internal, error)
}

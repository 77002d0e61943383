//! Bodies of the REST calls, for client and server. Unknown members are ignored everywhere.

mod admin;
mod auth;
mod items;
mod vaults;

pub use admin::{CreateAccountRequest, CreateServiceAccountRequest, ErrorBody, NewAccount, NewUser};
pub use auth::{
    AuthRequest, AuthResponse, AuthStartRequest, AuthStartResponse, CompleteRequest, CompleteResponse,
    ConfirmKeyRequest, ConfirmKeyResponse, UserAuth,
};
pub use items::{
    BatchRequest, BatchResponse, FileReference, ItemPatch, ItemRecord, ItemResponse, ItemState, OverviewsResponse,
    PatchResponse, failed_item,
};
pub use vaults::{CreateVaultRequest, Vault, VaultAccess};

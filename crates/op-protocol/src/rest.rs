//! The bodies of the REST API, for client and server. Unknown members are ignored.
//!
//! [`routes`] has the routes.

mod accounts;
mod audit;
mod auth;
mod error;
mod files;
mod groups;
mod items;
pub mod routes;
mod service_accounts;
mod users;
mod vaults;

pub use accounts::{Account, CreateAccountRequest, Me, NewAccount};
pub use audit::{AuditAction, AuditEvent, AuditPage};
pub use auth::{
    AuthRequest, AuthResponse, AuthStartRequest, AuthStartResponse, CompleteRequest, CompleteResponse,
    ConfirmKeyRequest, ConfirmKeyResponse, UserAuth, VerifyRequest,
};
pub use error::{ErrorBody, error_code};
pub use files::UploadResponse;
pub use groups::{
    GroupKey, GroupKeyset, GroupMember, GroupPermission, GroupPublicKey, GroupRecord, NewGroup, UpdateGroupRequest,
    group_state, group_type,
};
pub use items::{
    BatchRequest, BatchResponse, FileReference, ItemPatch, ItemRecord, ItemResponse, ItemState, ListedItem,
    OverviewsResponse, PatchResponse, failed_item,
};
pub use service_accounts::{CreateServiceAccountRequest, RotateServiceAccountRequest, ServiceAccount};
pub use users::{
    AcceptInviteRequest, CURRENT_SESSION, ChangePasswordRequest, CompleteRecoveryRequest, CreateInviteRequest, Invite,
    InviteDetails, NewUser, OpenInviteRequest, RecoverableVault, Recovery, Session, UserRecord, UserVault, user_state,
};
pub use vaults::{
    CreateVaultRequest, ReencryptedItem, RotateVaultKeyRequest, UpdateVaultRequest, VaultAccessRecord,
    VaultAccessRequest, VaultAccessor, VaultPreflight, VaultRecord, accessor_type, vault_type,
};

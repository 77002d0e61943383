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
mod shares;
mod users;
mod vaults;

pub use accounts::{Account, AccountState, AccountType, CreateAccountRequest, Me, NewAccount, UserType};
pub use audit::{AuditAction, AuditEvent, AuditPage};
pub use auth::{
    AuthRequest, AuthResponse, AuthStartRequest, AuthStartResponse, CompleteRequest, CompleteResponse,
    ConfirmKeyRequest, ConfirmKeyResponse, UserAuth, VerifyRequest,
};
pub use error::{ErrorBody, error_code};
pub use files::UploadResponse;
pub use groups::{
    GroupKey, GroupKeyset, GroupMember, GroupPermission, GroupPublicKey, GroupRecord, GroupState, GroupType, NewGroup,
    UpdateGroupRequest,
};
pub use items::{
    BatchRequest, BatchResponse, FileReference, ItemPatch, ItemRecord, ItemResponse, ItemState, ListedItem,
    OverviewsResponse, PatchResponse, failed_item,
};
pub use service_accounts::{CreateServiceAccountRequest, RotateServiceAccountRequest, ServiceAccount};
pub use shares::{
    CreateShareRequest, CreateShareResponse, OpenShareRequest, ResealedShare, ShareCodeRequest, ShareContent,
    ShareFilesPolicy, SharePolicy, ShareRecipient, ShareRecord, ShareState, ShareStatus, ShareTicket, ShareView,
    SharedFile, ValidateRecipientsRequest, ValidateRecipientsResponse, VerifyShareRequest, recipient_type,
    share_expiry, share_type,
};
pub use users::{
    AcceptInviteRequest, CURRENT_SESSION, ChangePasswordRequest, CompleteRecoveryRequest, CreateInviteRequest, Invite,
    InviteDetails, NewUser, OpenInviteRequest, RecoverableVault, Recovery, Session, UserRecord, UserState, UserVault,
};
pub use vaults::{
    AbandonedVault, AccessorType, CreateVaultRequest, ReencryptedItem, RotateVaultKeyRequest, UpdateVaultRequest,
    VaultAccessRecord, VaultAccessRequest, VaultAccessor, VaultPreflight, VaultRecord, VaultType,
};

//! The types that methods take and return. Names, members and JSON forms are those of the public SDKs.
//!
//! Times are RFC 3339 texts in UTC, such as `2024-10-11T15:42:27Z`.

mod batches;
mod diff;
mod draft;
mod env;
mod environment;
mod explanation;
mod group;
mod item;
mod limits;
mod moves;
mod password;
mod search;
mod secrets;
mod share;
mod user;
mod vault;

use serde::{Deserialize, Deserializer, Serialize};

pub use batches::{
    ItemUpdateFailureReason, ItemsDeleteAllResponse, ItemsGetAllError, ItemsGetAllResponse, ItemsUpdateAllResponse,
};
pub use diff::{ChangeKind, ItemDifference};
pub use draft::{BuiltFields, FieldDraft, ItemDraft};
pub use env::ResolveEnvResponse;
pub use environment::{EnvironmentCreateParams, EnvironmentOverview, EnvironmentVariable, GetVariablesResponse};
pub use explanation::{ReferenceCandidate, ReferenceExplanation, ReferencePart, ReferenceStep};
pub use group::{
    Group, GroupAccess, GroupCreateParams, GroupGetParams, GroupMember, GroupState, GroupType, GroupVaultAccess,
};
pub use item::{
    AddressFieldDetails, AutofillBehavior, DocumentCreateParams, FileAttributes, FileCreateParams, Item, ItemCategory,
    ItemCreateParams, ItemField, ItemFieldDetails, ItemFieldType, ItemFile, ItemListFilter, ItemOverview, ItemSection,
    ItemState, OtpFieldDetails, SshKeyAttributes, Website,
};
pub use limits::{RateLimit, RateLimits};
pub use moves::{ItemMoveOptions, ItemsMoveResponse, MovedOriginal};
pub use password::{GeneratePasswordResponse, PasswordRecipe, SeparatorType, WordListType};
pub use search::ItemSearchParams;
pub use secrets::{ErrorMessage, ResolveAllResponse, ResolveReferenceError, ResolvedReference};
pub use share::{
    AllowedRecipientType, AllowedType, ItemShare, ItemShareAccountPolicy, ItemShareDuration, ItemShareFiles,
    ItemShareListParams, ItemShareParams, ItemShareState, ItemShareView, ValidRecipient,
};
pub use user::{User, UserAccess, UserState, UserVaultAccess};
pub use vault::{
    Vault, VaultAccess, VaultAccessorType, VaultCreateParams, VaultGetParams, VaultListParams, VaultOverview,
    VaultType, VaultUpdateParams,
};

/// The outcome for one element of a batch: a result or a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct Response<T, E> {
    /// The result.
    pub content: Option<T>,
    /// The failure.
    pub error: Option<E>,
}

impl<T, E> From<std::result::Result<T, E>> for Response<T, E> {
    fn from(outcome: std::result::Result<T, E>) -> Self {
        match outcome {
            Ok(content) => Self { content: Some(content), error: None },
            Err(error) => Self { content: None, error: Some(error) },
        }
    }
}

/// Reads a member that the public types require, but that callers leave out or set to null. A list is empty then.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

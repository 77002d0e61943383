//! The types of sharing items by links.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// How long a link to an item is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub enum ItemShareDuration {
    /// One hour.
    OneHour,
    /// One day.
    OneDay,
    /// Seven days.
    SevenDays,
    /// Fourteen days.
    FourteenDays,
    /// Thirty days.
    ThirtyDays,
}

/// Who the account allows items to be shared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub enum AllowedType {
    /// Recipients who are named.
    Authenticated,
    /// Anyone who has the link.
    Public,
}

/// A way in which the account allows recipients to be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub enum AllowedRecipientType {
    /// By their e-mail addresses.
    Email,
    /// By the domain of their e-mail addresses.
    Domain,
}

/// The account's policy for the files of shared items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemShareFiles {
    /// Whether files are shared with their item.
    pub allowed: bool,
    /// The maximum encrypted size of a file, in bytes.
    pub max_size: u32,
    /// Who files may be shared with.
    pub allowed_types: Option<Vec<AllowedType>>,
    /// How recipients may be named.
    pub allowed_recipient_types: Option<Vec<AllowedRecipientType>>,
    /// The longest time for which a link may be valid.
    pub max_expiry: Option<ItemShareDuration>,
    /// The time for which a link is valid by default.
    pub default_expiry: Option<ItemShareDuration>,
    /// How often a file may be viewed; unlimited if missing.
    pub max_views: Option<u32>,
}

/// The account's policy for sharing items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemShareAccountPolicy {
    /// The longest time for which a link may be valid.
    pub max_expiry: ItemShareDuration,
    /// The time for which a link is valid by default.
    pub default_expiry: ItemShareDuration,
    /// How often an item may be viewed; unlimited if missing.
    pub max_views: Option<u32>,
    /// Who items may be shared with.
    pub allowed_types: Vec<AllowedType>,
    /// How recipients may be named.
    pub allowed_recipient_types: Vec<AllowedRecipientType>,
    /// The policy for files.
    pub files: ItemShareFiles,
}

/// A recipient of a link to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "parameters", rename_all_fields = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub enum ValidRecipient {
    /// The person with this e-mail address.
    Email {
        /// The e-mail address.
        email: String,
    },
    /// Everyone with an e-mail address in this domain.
    Domain {
        /// The domain.
        domain: String,
    },
}

/// How to share an item.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemShareParams {
    /// Who may open the link; anyone who has it if missing.
    pub recipients: Option<Vec<ValidRecipient>>,
    /// How long the link is valid; the default of the account's policy if missing.
    pub expire_after: Option<ItemShareDuration>,
    /// Whether each recipient, or anyone if there are none, may view the item only once.
    pub one_time_only: bool,
    /// How often each recipient, or anyone if there are none, may view the item; as often as they like if missing. Added
    /// by opwire.
    pub max_views: Option<u32>,
    /// A password that is needed besides the link. Tell it to the recipients by another way than the link. Added by
    /// opwire.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub password: Option<String>,
}

impl fmt::Debug for ItemShareParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemShareParams")
            .field("recipients", &self.recipients)
            .field("expire_after", &self.expire_after)
            .field("one_time_only", &self.one_time_only)
            .field("max_views", &self.max_views)
            .finish_non_exhaustive()
    }
}

impl Drop for ItemShareParams {
    fn drop(&mut self) {
        self.password.zeroize();
    }
}

/// Whether a share can be opened. Added by opwire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ItemShareState {
    /// It can be opened.
    Active,
    /// Its time is over.
    Expired,
    /// It was viewed as often as it may be.
    Spent,
    /// Its sender, or somebody who manages the vault, revoked it, or its sender can no longer act.
    Revoked,
    /// A recipient ended it.
    Ended,
}

/// A view of a share. Added by opwire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemShareView {
    /// When the item was viewed.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub viewed_at: String,
    /// The e-mail address that the recipient proved; missing if anyone may open the link.
    pub email: Option<String>,
    /// The network address that it was viewed from.
    pub address: String,
}

/// Which shares to list. Added by opwire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemShareListParams {
    /// The id of the vault whose shares to list; those of all vaults if missing.
    pub vault_id: Option<String>,
    /// The id of the item whose shares to list; those of all items if missing.
    pub item_id: Option<String>,
}

/// A share: a copy of an item that can be opened by a link. Added by opwire.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemShare {
    /// The id: 26 characters.
    pub id: String,
    /// The id of the item's vault.
    pub vault_id: String,
    /// The id of the item.
    pub item_id: String,
    /// The version of the item that is shared.
    pub item_version: u32,
    /// The id of the user who shared it.
    pub creator_id: String,
    /// Whether it can be opened.
    pub state: ItemShareState,
    /// The title of the item; missing if the share has ended or has a password, or the client cannot read the vault.
    pub title: Option<String>,
    /// The link; missing if the share has ended, or the client cannot read the vault.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub link: Option<String>,
    /// When the item was shared.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub created_at: String,
    /// When it expires, or would have.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub expires_at: String,
    /// When it ended; missing while it can be opened.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub ended_at: Option<String>,
    /// Who may open it; missing if anyone who has the link may.
    pub recipients: Option<Vec<ValidRecipient>>,
    /// How often each recipient, or anyone if there are none, may view it; missing if as often as they like.
    pub max_views: Option<u32>,
    /// Whether a password is needed besides the link.
    pub has_password: bool,
    /// How often it was viewed, by all together.
    pub views: u32,
    /// Who viewed it and when. Lists do not have it.
    pub views_log: Option<Vec<ItemShareView>>,
}

// The link opens the share.
impl fmt::Debug for ItemShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemShare")
            .field("id", &self.id)
            .field("vault_id", &self.vault_id)
            .field("item_id", &self.item_id)
            .field("state", &self.state)
            .field("views", &self.views)
            .finish_non_exhaustive()
    }
}

impl Drop for ItemShare {
    fn drop(&mut self) {
        self.link.zeroize();
    }
}

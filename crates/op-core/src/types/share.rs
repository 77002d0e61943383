//! The types of sharing items by links.

use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::IgnoredAny};

/// A value of a method that is not available yet: its type is part of the contract, and nothing of it is read or written, so
/// that the modules carry no code for it.
pub struct Unread<T>(PhantomData<fn() -> T>);

impl<'de, T> Deserialize<'de> for Unread<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(PhantomData))
    }
}

impl<T> Serialize for Unread<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

#[cfg(feature = "contract")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Unread<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemShareParams {
    /// Who may open the link; anyone who has it if missing.
    pub recipients: Option<Vec<ValidRecipient>>,
    /// How long the link is valid; the default of the account's policy if missing.
    pub expire_after: Option<ItemShareDuration>,
    /// Whether each recipient may view the item only once.
    pub one_time_only: bool,
}

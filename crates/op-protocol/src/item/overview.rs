use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::loose::{Loose, Other, Shape, Text};

/// The plaintext of `encOverview`: what lists of items show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overview {
    /// The title.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub title: Loose<Text>,
    /// A subtitle that the apps show under the title.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub ainfo: Loose<Text>,
    /// The websites.
    #[serde(rename = "URLs", skip_serializing_if = "Loose::is_missing")]
    pub urls: Loose<Vec<Loose<Url>>>,
    /// The only website, of items older than [`Overview::urls`].
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub url: Loose<Text>,
    /// The strength of the password, 0 to 100.
    #[serde(rename = "ps", skip_serializing_if = "Loose::is_missing")]
    pub password_strength: Loose<u64>,
    /// The entropy of a generated password, in bits.
    #[serde(rename = "pbe", skip_serializing_if = "Loose::is_missing")]
    pub password_entropy: Loose<u64>,
    /// Whether the password was generated.
    #[serde(rename = "pgrng", skip_serializing_if = "Loose::is_missing")]
    pub password_generated: Loose<bool>,
    /// The tags.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub tags: Loose<Vec<Loose<Text>>>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Other,
}

/// A website of an item.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Url {
    /// The address.
    #[serde(rename = "u", skip_serializing_if = "Loose::is_missing")]
    pub url: Loose<Text>,
    /// The label.
    #[serde(rename = "l", skip_serializing_if = "Loose::is_missing")]
    pub label: Loose<Text>,
    /// Where to fill in: `default`, `host` or `never`.
    #[serde(rename = "m", skip_serializing_if = "Loose::is_missing")]
    pub mode: Loose<Text>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Other,
}

impl Shape for Url {
    fn fits(value: &Value) -> bool {
        value.is_object()
    }
}

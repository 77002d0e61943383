use super::loose::{Loose, Other, Text, object};

/// The plaintext of `encOverview`: the content of an item that lists have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// The title.
    pub title: Loose<Text>,
    /// The subtitle that the apps show below the title.
    pub ainfo: Loose<Text>,
    /// The websites.
    pub urls: Loose<Vec<Loose<Url>>>,
    /// The only website of old items, from before [`Overview::urls`] existed.
    pub url: Loose<Text>,
    /// The strength of the password, from 0 to 100.
    pub password_strength: Loose<u64>,
    /// The entropy of a generated password, in bits.
    pub password_entropy: Loose<u64>,
    /// Whether the password was generated.
    pub password_generated: Loose<bool>,
    /// The tags.
    pub tags: Loose<Vec<Loose<Text>>>,
    /// All other members.
    pub other: Other,
}

/// A website of an item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Url {
    /// The address.
    pub url: Loose<Text>,
    /// The label.
    pub label: Loose<Text>,
    /// The autofill behaviour: `default`, `host` or `never`.
    pub mode: Loose<Text>,
    /// All other members.
    pub other: Other,
}

object!(Overview {
    title: "title",
    ainfo: "ainfo",
    urls: "URLs",
    url: "url",
    password_strength: "ps",
    password_entropy: "pbe",
    password_generated: "pgrng",
    tags: "tags",
});
object!(Url { url: "u", label: "l", mode: "m" });

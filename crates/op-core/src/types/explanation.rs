use serde::{Deserialize, Serialize};

/// What a secret reference matches; never the secret itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReferenceExplanation {
    /// What each part of the reference matches: the vault, the item, the section if the reference names one, and the
    /// field. The steps end at the first part that does not lead to the next.
    pub steps: Vec<ReferenceStep>,
    /// Set if the reference does not resolve, with the reason.
    pub problem: Option<String>,
    /// The reference to use instead, by ids, which stay the same when something is renamed. Missing if a part matches
    /// nothing or too much, or if an id has characters that references cannot hold.
    pub id_reference: Option<String>,
}

/// What one part of a secret reference matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ReferenceStep {
    /// The part.
    pub part: ReferencePart,
    /// The text of the part.
    pub name: String,
    /// What has this name. More than one vault, item or field is an error; if there are several sections, all are
    /// searched.
    pub matches: Vec<ReferenceCandidate>,
    /// What has a similar name if nothing matched, the most similar first.
    pub near: Vec<ReferenceCandidate>,
}

/// A part of a secret reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ReferencePart {
    /// The vault.
    Vault,
    /// The item.
    Item,
    /// The section.
    Section,
    /// The field or file.
    Field,
}

/// Something that a part of a secret reference may mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ReferenceCandidate {
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// What distinguishes it from the others: that an item is archived, or the section of a field.
    pub note: Option<String>,
    /// The reference that selects this candidate: by ids up to this part, and unchanged after it. Missing if there is
    /// none.
    pub reference: Option<String>,
}

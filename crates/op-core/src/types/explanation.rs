use serde::{Deserialize, Serialize};

/// What a secret reference matches. It never holds the secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReferenceExplanation {
    /// What the parts of the reference match: vault, item, section where it names one, field. The last step is the first
    /// that does not lead on.
    pub steps: Vec<ReferenceStep>,
    /// Why the reference gives no secret; missing if it gives one.
    pub problem: Option<String>,
    /// The reference to use: by ids, which do not change when something is renamed. Missing if nothing or too much
    /// matched, or if an id has letters that no reference can hold.
    pub id_reference: Option<String>,
}

/// What one part of a secret reference matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ReferenceStep {
    /// Which part.
    pub part: ReferencePart,
    /// The part as it stands in the reference.
    pub name: String,
    /// What has this name. Several vaults, items or fields are too many; of several sections, all are searched.
    pub matches: Vec<ReferenceCandidate>,
    /// What has a similar name, the most similar first, if nothing matched.
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
    /// The field, or file.
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
    /// What else tells it from the others: that an item is archived, or the section of a field.
    pub note: Option<String>,
    /// The reference that means this candidate: by ids as far as this part, then as it was. Missing if there is none.
    pub reference: Option<String>,
}

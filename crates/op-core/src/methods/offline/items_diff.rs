use serde::Deserialize;

use crate::{
    error::Result,
    host::Host,
    methods::OfflineMethod,
    plaintext::diff,
    types::{Item, ItemDifference},
};

/// Return what {method items.put} would change. Edits that it would reject fail in the same way.
///
/// Secret values and notes are left out unless they are asked for.
///
/// # Errors
/// - {error InvalidConfiguration} if the edits are malformed.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsDiff {
    /// The item as it was read.
    pub before: Item,
    /// The item with its edits.
    pub after: Item,
    /// Whether to include secret values.
    pub reveal: Option<bool>,
}

impl OfflineMethod for ItemsDiff {
    const SDK_NAME: &'static str = "items.diff";
    const ADDED: bool = true;
    type Output = Vec<ItemDifference>;

    fn run(self, _host: &dyn Host) -> Result<Self::Output> {
        diff::diff(&self.before, &self.after, self.reveal.unwrap_or(false))
    }
}

use serde::Deserialize;

use crate::{
    error::Result,
    host::Host,
    items::diff,
    methods::OfflineMethod,
    types::{Item, ItemDifference},
};

/// Tell what {method items.put} would change, given an item as it was read and as it shall be. What put would refuse is refused
/// as it would be.
///
/// The values of fields and the notes are left out unless they are asked for.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsDiff {
    /// The item as it was read.
    pub before: Item,
    /// The item as it shall be.
    pub after: Item,
    /// Whether to tell secret values.
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

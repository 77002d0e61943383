use serde::Deserialize;

use crate::{
    error::Result,
    host::Host,
    items::build,
    methods::OfflineMethod,
    types::{BuiltFields, ItemDraft},
};

/// Check a draft as {method items.create} would, and make the ids of its fields and sections. All that is wrong is told at once.
/// {type ItemBuilder} calls this.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsBuild {
    /// What the item shall hold.
    pub draft: ItemDraft,
}

impl OfflineMethod for ItemsBuild {
    const SDK_NAME: &'static str = "items.build";
    const ADDED: bool = true;
    type Output = BuiltFields;

    fn run(self, host: &dyn Host) -> Result<Self::Output> {
        build::build(&self.draft, host)
    }
}

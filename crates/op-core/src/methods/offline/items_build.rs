use serde::Deserialize;

use crate::{
    error::Result,
    host::Host,
    methods::OfflineMethod,
    plaintext::build,
    types::{BuiltFields, ItemDraft},
};

/// Check a draft as {method items.create} would. Returns its fields and sections, with ids. If the draft is malformed,
/// the error names every problem. {type ItemBuilder} calls this.
///
/// # Errors
/// - {error InvalidConfiguration} if the draft is malformed.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsBuild {
    /// The item to build.
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

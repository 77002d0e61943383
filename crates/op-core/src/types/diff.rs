use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// One difference between two versions of an item.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemDifference {
    /// The part that differs, such as `title`, `notes`, `tags[work]`, `websites[https://example.com].label`,
    /// `sections[id].title` or `fields[id].value`; `fields`, `sections`, `tags` or `websites` alone if only their order
    /// differs.
    pub path: String,
    /// The title of the field or section that differs, for people; empty for other parts.
    pub title: String,
    /// The kind of change.
    pub change: ChangeKind,
    /// The old value. Missing if there was none, or if it is secret and was not asked for.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub before: Option<String>,
    /// The new value. Missing if there is none, or if it is secret and was not asked for.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub after: Option<String>,
}

impl fmt::Debug for ItemDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemDifference").field("path", &self.path).field("change", &self.change).finish_non_exhaustive()
    }
}

impl Drop for ItemDifference {
    fn drop(&mut self) {
        self.before.zeroize();
        self.after.zeroize();
    }
}

/// The kind of a change to a part of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ChangeKind {
    /// The part was added.
    Added,
    /// The part was removed.
    Removed,
    /// The part was changed.
    Changed,
}

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// One thing that differs between two states of an item.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemDifference {
    /// Where: `title`, `notes`, `tags[work]`, `websites[https://example.com].label`, `sections[id].title`,
    /// `fields[id].value` and their like; `fields`, `sections`, `tags` or `websites` alone for their order.
    pub path: String,
    /// The title of the field or section that it is about, for people; else empty.
    pub title: String,
    /// What happens to it.
    pub change: ChangeKind,
    /// What it was; missing if it was not there, or is secret and was not asked for.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub before: Option<String>,
    /// What it becomes; missing if it goes away, or is secret and was not asked for.
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

/// What happens to a part of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It goes away.
    Removed,
    /// It becomes another.
    Changed,
}

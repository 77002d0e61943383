//! Items and their files: reading, searching, editing, moving, sharing, changing their state.

pub(crate) mod cached;
pub(crate) mod edits;
pub(crate) mod files;
pub(crate) mod moves;
pub(crate) mod read;
pub(crate) mod search;
pub(crate) mod shares;
pub(crate) mod states;

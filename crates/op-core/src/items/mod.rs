//! Items and their files: reading, searching, editing, moving, changing their state.

pub(crate) mod cached;
pub(crate) mod edits;
pub(crate) mod files;
pub(crate) mod moves;
pub(crate) mod read;
pub(crate) mod search;
pub(crate) mod states;

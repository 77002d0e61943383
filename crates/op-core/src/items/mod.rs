//! What a client does with items and their files.

pub(crate) mod edits;
pub(crate) mod files;
pub(crate) mod moves;
pub(crate) mod read;
pub(crate) mod remembered;
pub(crate) mod search;
pub(crate) mod states;

//! Secret references, `op://vault/item/[section/]field`: read, looked up, remembered, explained.

pub(crate) mod explain;
pub(crate) mod look_up;
pub(crate) mod matching;
pub(crate) mod near;
pub(crate) mod parse;
pub(crate) mod resolve;

//! Secret references, `op://vault/item/[section/]field`: parsing, resolving with and without the cache, explaining.

pub(crate) mod explain;
pub(crate) mod look_up;
pub(crate) mod matching;
pub(crate) mod near;
pub(crate) mod parse;
pub(crate) mod resolve;

//! Items: from their plaintext to the SDK's types, and back.

mod check;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod fields;
mod kinds;
mod ssh;
mod strength;
mod subtitle;
#[cfg(test)]
mod tests;
mod totp;
mod values;

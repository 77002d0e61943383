//! Items: from their plaintext to the SDK's types, and back.

pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod fields;
mod kinds;
mod ssh;
mod strength;
mod subtitle;
mod totp;
mod values;
#[cfg(test)]
mod tests;

//! Items: from their plaintext to the SDK's types, and back.

pub(crate) mod build;
mod check;
pub(crate) mod decode;
pub(crate) mod diff;
pub(crate) mod edit;
pub(crate) mod encode;
pub(crate) mod fields;
pub(crate) mod file_fields;
pub(crate) mod kinds;
mod sections;
pub(crate) mod ssh;
mod strength;
mod subtitle;
#[cfg(test)]
mod tests;
pub(crate) mod timestamp;
mod totp;
pub(crate) mod values;

use op_protocol::item::{Details, Overview};

/// The plaintext of an item.
pub(crate) struct Plaintext {
    /// Of `encOverview`.
    pub(crate) overview: zeroize::Zeroizing<Vec<u8>>,
    /// Of `encDetails`.
    pub(crate) details: zeroize::Zeroizing<Vec<u8>>,
}

impl Plaintext {
    pub(crate) fn new(overview: &Overview, details: &Details) -> Self {
        Self { overview: overview.to_json(), details: details.to_json() }
    }
}

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::Response;

/// The result of {method secrets.resolveAll}.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResolveAllResponse {
    /// The outcome for each reference, by its text.
    pub individual_responses: BTreeMap<String, Response<ResolvedReference, ResolveReferenceError>>,
}

/// A secret, and where it was found.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResolvedReference {
    /// The secret.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub secret: String,
    /// The id of the item that holds it.
    pub item_id: String,
    /// The id of the vault that holds the item.
    pub vault_id: String,
}

impl fmt::Debug for ResolvedReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolvedReference")
            .field("item_id", &self.item_id)
            .field("vault_id", &self.vault_id)
            .finish_non_exhaustive()
    }
}

impl Drop for ResolvedReference {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.secret);
    }
}

/// A human-readable description of a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ErrorMessage(pub String);

impl<T: Into<String>> From<T> for ErrorMessage {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for ErrorMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The reason why a reference did not resolve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "message", rename_all = "camelCase")]
pub enum ResolveReferenceError {
    /// The reference is malformed; the message has the details.
    Parsing(ErrorMessage),
    /// No field of the item has this id or title.
    FieldNotFound,
    /// No vault has this id or title.
    VaultNotFound,
    /// Several vaults have this title.
    TooManyVaults,
    /// No active item of the vault has this id or title.
    ItemNotFound,
    /// Several items of the vault have this title.
    TooManyItems,
    /// Several fields have this id or title.
    TooManyMatchingFields,
    /// No section of the item has this id or title.
    NoMatchingSections,
    /// A one-time password was requested of a field that has none.
    IncompatibleTOTPQueryParameterField,
    /// The one-time password could not be computed; the message has the details.
    UnableToGenerateTotpCode(ErrorMessage),
    /// The item lacks the public key, the fingerprint or the type of its SSH key.
    SSHKeyMetadataNotFound,
    /// The file is not text.
    UnsupportedFileFormat,
    /// The OpenSSH format was requested of a field that is not a private key.
    IncompatibleSshKeyQueryParameterField,
    /// The private key could not be read.
    UnableToParsePrivateKey,
    /// The private key could not be converted to the OpenSSH format.
    UnableToFormatPrivateKeyToOpenSsh,
    /// Any other reason.
    Other,
}

impl fmt::Display for ResolveReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parsing(message) => return write!(f, "the secret reference could not be parsed: {message}"),
            Self::UnableToGenerateTotpCode(message) => return write!(f, "TOTP code could not be generated: {message}"),
            Self::FieldNotFound => "the specified field cannot be found within the item",
            Self::VaultNotFound => "no vault matched the secret reference query",
            Self::TooManyVaults => "more than one vault matched the secret reference query",
            Self::ItemNotFound => "no item matched the secret reference query",
            Self::TooManyItems => "more than one item matched the secret reference query",
            Self::TooManyMatchingFields => "more than one field matched the secret reference",
            Self::NoMatchingSections => "no section matched the secret reference",
            Self::IncompatibleTOTPQueryParameterField => "TOTP attribute can only be applied to TOTP-type fields",
            Self::SSHKeyMetadataNotFound => "unable to retrieve SSH Key field, verify that private key isn't malformed",
            Self::UnsupportedFileFormat => "unable to retrieve file content, currently only text files are supported",
            Self::IncompatibleSshKeyQueryParameterField => {
                "SSH key formatting can only be applied to a private key field"
            }
            Self::UnableToParsePrivateKey => {
                "unable to properly parse private key, verify that private key isn't malformed"
            }
            Self::UnableToFormatPrivateKeyToOpenSsh => "the private key could not be converted to OpenSSH format",
            Self::Other => "unable to read value from field",
        })
    }
}

impl std::error::Error for ResolveReferenceError {}

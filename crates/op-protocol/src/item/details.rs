use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::loose::{Json, Loose, Other, Shape, Text};

/// The plaintext of `encDetails`: everything that only the opened item shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Details {
    /// The notes.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub notes_plain: Loose<Text>,
    /// The password of a Password item.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub password: Loose<Text>,
    /// The fields of the web form of a Login.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub fields: Loose<Vec<Loose<FormField>>>,
    /// The sections, with all other fields.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub sections: Loose<Vec<Loose<Section>>>,
    /// The file of a Document.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub document_attributes: Loose<FileAttributes>,
    /// Everything else, such as `passwordHistory`.
    #[serde(flatten)]
    pub other: Other,
}

/// A field of the web form that a Login was saved from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FormField {
    /// What was entered.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub value: Loose<Text>,
    /// The id in the web page.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub id: Loose<Text>,
    /// The name in the web page.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub name: Loose<Text>,
    /// The type of input: `T` text, `P` password, `E` e-mail.
    #[serde(rename = "type", skip_serializing_if = "Loose::is_missing")]
    pub kind: Loose<Text>,
    /// `username` or `password`; other form fields have none.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub designation: Loose<Text>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Other,
}

/// A group of fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Section {
    /// The id.
    #[serde(rename = "name", skip_serializing_if = "Loose::is_missing")]
    pub id: Loose<Text>,
    /// The title.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub title: Loose<Text>,
    /// The fields.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub fields: Loose<Vec<Loose<Field>>>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Other,
}

/// A field in a section.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Field {
    /// The title.
    #[serde(rename = "t", skip_serializing_if = "Loose::is_missing")]
    pub title: Loose<Text>,
    /// The id.
    #[serde(rename = "n", skip_serializing_if = "Loose::is_missing")]
    pub id: Loose<Text>,
    /// The kind, which says what the value is.
    #[serde(rename = "k", skip_serializing_if = "Loose::is_missing")]
    pub kind: Loose<Text>,
    /// The value, of a JSON type that depends on the kind; missing when empty.
    #[serde(rename = "v", skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub value: Option<Json>,
    /// Attributes.
    #[serde(rename = "a", skip_serializing_if = "Loose::is_missing")]
    pub attributes: Loose<FieldAttributes>,
    /// Everything else, such as `inputTraits`.
    #[serde(flatten)]
    pub other: Other,
}

/// A null is a value too, and has to be written back.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

/// Attributes of a [`Field`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FieldAttributes {
    /// `yes` where the apps keep the user from removing the field.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub guarded: Loose<Text>,
    /// What an SSH key is, beside its private part.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub ssh_key_attributes: Loose<SshKeyAttributes>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Other,
}

/// What an SSH key is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SshKeyAttributes {
    /// The private key, as it was entered.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub private_key: Loose<Text>,
    /// The public key in OpenSSH's one-line form, without a comment.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub public_key: Loose<Text>,
    /// `SHA256:` and the base64 of the hash of the public key.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub fingerprint: Loose<Text>,
    /// The algorithm.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub key_type: Loose<SshKeyType>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Other,
}

/// The algorithm of an SSH key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SshKeyType {
    /// `ed25519` or `rsa`.
    #[serde(rename = "t", skip_serializing_if = "Loose::is_missing")]
    pub algorithm: Loose<Text>,
    /// The length of an RSA modulus, in bits.
    #[serde(rename = "c", skip_serializing_if = "Loose::is_missing")]
    pub bits: Loose<u64>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Other,
}

/// A file, of a Document or of a field of kind `file`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FileAttributes {
    /// The name of the file.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub file_name: Loose<Text>,
    /// The id of its ciphertext on the server.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub document_id: Loose<Text>,
    /// The size of its plaintext, in bytes.
    #[serde(skip_serializing_if = "Loose::is_missing")]
    pub unencrypted_size: Loose<u64>,
    /// Everything else: its keys and hashes.
    #[serde(flatten)]
    pub other: Other,
}

macro_rules! objects {
    ($($name:ident),+) => {
        $(impl Shape for $name {
            fn fits(value: &Value) -> bool {
                value.is_object()
            }
        })+
    };
}
objects!(FormField, Section, Field, FieldAttributes, SshKeyAttributes, SshKeyType, FileAttributes);

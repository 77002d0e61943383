use super::loose::{Json, Loose, Other, Text, object};

/// The plaintext of `encDetails`: the content of an item that lists do not have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// The notes.
    pub notes_plain: Loose<Text>,
    /// The password of a Password item.
    pub password: Loose<Text>,
    /// The fields of the web form of a Login.
    pub fields: Loose<Vec<Loose<FormField>>>,
    /// The sections, with all other fields.
    pub sections: Loose<Vec<Loose<Section>>>,
    /// The file of a Document.
    pub document_attributes: Loose<FileAttributes>,
    /// All other members, such as `passwordHistory`.
    pub other: Other,
}

/// A field of the web form that a Login was saved from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormField {
    /// The value that was entered.
    pub value: Loose<Text>,
    /// The id in the web page.
    pub id: Loose<Text>,
    /// The name in the web page.
    pub name: Loose<Text>,
    /// The type of the input: `T` for text, `P` for passwords, `E` for e-mail addresses.
    pub kind: Loose<Text>,
    /// `username` or `password`; other form fields have none.
    pub designation: Loose<Text>,
    /// All other members.
    pub other: Other,
}

/// A group of fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// The id.
    pub id: Loose<Text>,
    /// The title.
    pub title: Loose<Text>,
    /// The fields.
    pub fields: Loose<Vec<Loose<Field>>>,
    /// All other members.
    pub other: Other,
}

/// A field in a section.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    /// The title.
    pub title: Loose<Text>,
    /// The id.
    pub id: Loose<Text>,
    /// The kind of the value.
    pub kind: Loose<Text>,
    /// The value, of a JSON type that depends on the kind; missing when empty.
    pub value: Option<Json>,
    /// The attributes.
    pub attributes: Loose<FieldAttributes>,
    /// All other members, such as `inputTraits`.
    pub other: Other,
}

/// Attributes of a [`Field`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldAttributes {
    /// `yes` if the apps do not let the user remove the field.
    pub guarded: Loose<Text>,
    /// The metadata of an SSH key.
    pub ssh_key_attributes: Loose<SshKeyAttributes>,
    /// All other members.
    pub other: Other,
}

/// The metadata of an SSH key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SshKeyAttributes {
    /// The private key as it was entered.
    pub private_key: Loose<Text>,
    /// The public key in OpenSSH's one-line form, without a comment.
    pub public_key: Loose<Text>,
    /// `SHA256:` and the base64 of the hash of the public key.
    pub fingerprint: Loose<Text>,
    /// The algorithm.
    pub key_type: Loose<SshKeyType>,
    /// All other members.
    pub other: Other,
}

/// The algorithm of an SSH key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SshKeyType {
    /// `ed25519` or `rsa`.
    pub algorithm: Loose<Text>,
    /// The length of an RSA modulus, in bits.
    pub bits: Loose<u64>,
    /// All other members.
    pub other: Other,
}

/// A file of a Document, or of a field of kind `file`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileAttributes {
    /// The name of the file.
    pub file_name: Loose<Text>,
    /// The id of its ciphertext on the server.
    pub document_id: Loose<Text>,
    /// The size of its plaintext, in bytes.
    pub unencrypted_size: Loose<u64>,
    /// All other members: the file's keys and hashes.
    pub other: Other,
}

object!(Details {
    notes_plain: "notesPlain",
    password: "password",
    fields: "fields",
    sections: "sections",
    document_attributes: "documentAttributes",
});
object!(FormField { value: "value", id: "id", name: "name", kind: "type", designation: "designation" });
object!(Section { id: "name", title: "title", fields: "fields" });
object!(Field { title: "t", id: "n", kind: "k", value: "v", attributes: "a" });
object!(FieldAttributes { guarded: "guarded", ssh_key_attributes: "sshKeyAttributes" });
object!(SshKeyAttributes {
    private_key: "privateKey",
    public_key: "publicKey",
    fingerprint: "fingerprint",
    key_type: "keyType",
});
object!(SshKeyType { algorithm: "t", bits: "c" });
object!(FileAttributes { file_name: "fileName", document_id: "documentId", unencrypted_size: "unencryptedSize" });

use serde_json::Value;

use super::{Details, Field, FileAttributes, Json, loose::Shape};
use crate::{
    b64,
    file::{FileKey, SigningKey, TAG_LENGTH, symmetric_jwk},
    rest::UploadResponse,
};

/// The kind of fields that contain a file.
pub const FILE_KIND: &str = "file";

impl FileAttributes {
    /// Returns the attributes of an uploaded file. `kid` is the id of its key.
    #[must_use]
    pub fn new(name: &str, size: u64, upload: UploadResponse, kid: &str, key: &FileKey) -> Self {
        let other = [
            ("encryptedSize", Value::from(size + TAG_LENGTH as u64).into()),
            ("integrityHash", Value::from(b64::encode(&key.integrity_hash)).into()),
            ("nonce", Value::from(b64::encode(&key.nonce)).into()),
            ("signingKey", upload.signing_key),
            ("encryptionKey", symmetric_jwk(kid, &*key.key)),
        ];
        Self {
            file_name: name.into(),
            document_id: upload.file_id.as_str().into(),
            unencrypted_size: size.into(),
            other: other.map(|(name, value): (&str, Json)| (name.to_owned(), value)).into_iter().collect(),
        }
    }

    /// Takes over the name, and the members of other clients, from another upload of the same file.
    #[must_use]
    pub fn with_rest_of(mut self, other: Self) -> Self {
        self.file_name = other.file_name;
        for (name, value) in other.other {
            self.other.entry(name).or_insert(value);
        }
        self
    }

    /// Reads the file from the value of a field of kind [`FILE_KIND`].
    #[must_use]
    pub fn of_value(value: &Json) -> Option<Self> {
        Self::read((**value).clone()).ok()
    }

    /// Returns the value of a field that contains the file.
    #[must_use]
    pub fn to_value(&self) -> Json {
        self.write().into()
    }

    /// Returns the key that opens the file; `None` if a part of it is missing or malformed.
    #[must_use]
    pub fn key(&self) -> Option<FileKey> {
        Some(FileKey {
            key: b64::decode_array(self.other.get("encryptionKey")?.get("k")?.as_str()?).ok()?.into(),
            nonce: b64::decode_array(self.other.get("nonce")?.as_str()?).ok()?,
            integrity_hash: b64::decode_array(self.other.get("integrityHash")?.as_str()?).ok()?,
        })
    }

    /// Returns the key that proves that an item owns the file; `None` if it is missing or malformed.
    #[must_use]
    pub fn signing_key(&self) -> Option<SigningKey> {
        SigningKey::from_jwk(self.other.get("signingKey")?)
    }
}

impl Details {
    /// Returns all files of the item: the file of a Document, and those of fields.
    pub fn files(&self) -> impl Iterator<Item = FileAttributes> {
        let fields = self.sections.elements().flat_map(|section| section.fields.elements());
        self.document_attributes.get().cloned().into_iter().chain(fields.filter_map(Field::file))
    }

    /// Replaces [`files`](Self::files) by others, in the same order.
    pub fn replace_files(&mut self, files: impl IntoIterator<Item = FileAttributes>) {
        let mut files = files.into_iter();
        if let Some(document) = self.document_attributes.get_mut()
            && let Some(file) = files.next()
        {
            *document = file;
        }
        let fields = self.sections.elements_mut().flat_map(|section| section.fields.elements_mut());
        for (field, file) in fields.filter(|field| field.file().is_some()).zip(files) {
            field.value = Some(file.to_value());
        }
    }
}

impl Field {
    /// Returns the file in the field.
    #[must_use]
    pub fn file(&self) -> Option<FileAttributes> {
        if self.kind.text() == FILE_KIND { FileAttributes::of_value(self.value.as_ref()?) } else { None }
    }

    /// Returns a field with a file.
    #[must_use]
    pub fn of_file(id: &str, file: &FileAttributes) -> Self {
        Self {
            title: "".into(),
            id: id.into(),
            kind: FILE_KIND.into(),
            value: Some(file.to_value()),
            ..Self::default()
        }
    }
}

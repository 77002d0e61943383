use serde_json::Value;

use super::{Details, Field, FileAttributes, Json, loose::Shape};
use crate::{
    b64,
    file::{FileKey, SigningKey, TAG_LENGTH, symmetric_jwk},
    rest::UploadResponse,
};

/// The kind of a section's field that holds a file.
pub const FILE_KIND: &str = "file";

impl FileAttributes {
    /// An uploaded file. `kid` names its key.
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

    /// This upload of a file with what else another upload of the same file has: its name, and members of other clients.
    #[must_use]
    pub fn with_rest_of(mut self, other: Self) -> Self {
        self.file_name = other.file_name;
        for (name, value) in other.other {
            self.other.entry(name).or_insert(value);
        }
        self
    }

    /// The file that a field of kind [`FILE_KIND`] has as its value.
    #[must_use]
    pub fn of_value(value: &Json) -> Option<Self> {
        Self::read((**value).clone()).ok()
    }

    /// The value of a field that holds the file.
    #[must_use]
    pub fn to_value(&self) -> Json {
        self.write().into()
    }

    /// What opens the file; `None` where a part is missing or malformed.
    #[must_use]
    pub fn key(&self) -> Option<FileKey> {
        Some(FileKey {
            key: b64::decode_array(self.other.get("encryptionKey")?.get("k")?.as_str()?).ok()?.into(),
            nonce: b64::decode_array(self.other.get("nonce")?.as_str()?).ok()?,
            integrity_hash: b64::decode_array(self.other.get("integrityHash")?.as_str()?).ok()?,
        })
    }

    /// What proves that an item owns the file; `None` where it is missing or malformed.
    #[must_use]
    pub fn signing_key(&self) -> Option<SigningKey> {
        SigningKey::from_jwk(self.other.get("signingKey")?)
    }
}

impl Details {
    /// All files of the item: a Document's own, and those of fields.
    pub fn files(&self) -> impl Iterator<Item = FileAttributes> {
        let fields = self.sections.elements().flat_map(|section| section.fields.elements());
        self.document_attributes.get().cloned().into_iter().chain(fields.filter_map(Field::file))
    }

    /// Puts others in the place of [`files`](Self::files), in their order.
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
    /// The file that the field holds.
    #[must_use]
    pub fn file(&self) -> Option<FileAttributes> {
        if self.kind.text() == FILE_KIND { FileAttributes::of_value(self.value.as_ref()?) } else { None }
    }

    /// A field that holds a file.
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

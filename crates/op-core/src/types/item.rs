use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::attachments::Bytes;

/// The category of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub enum ItemCategory {
    /// A user name and password for a website or an app.
    Login,
    /// A note.
    SecureNote,
    /// A credit or debit card.
    CreditCard,
    /// A cryptocurrency wallet.
    CryptoWallet,
    /// A person's names and addresses.
    Identity,
    /// A password without a user name.
    Password,
    /// A file.
    Document,
    /// Credentials for an API.
    ApiCredentials,
    /// A bank account.
    BankAccount,
    /// Credentials for a database.
    Database,
    /// A driver's license.
    DriverLicense,
    /// An e-mail account.
    Email,
    /// A medical record.
    MedicalRecord,
    /// A membership.
    Membership,
    /// A hunting, fishing or similar license.
    OutdoorLicense,
    /// A passport.
    Passport,
    /// A rewards program.
    Rewards,
    /// A wireless router.
    Router,
    /// Credentials for a server.
    Server,
    /// An SSH key.
    SshKey,
    /// A social security number.
    SocialSecurityNumber,
    /// A software license.
    SoftwareLicense,
    /// A person.
    Person,
    /// A category that this version does not know. Such items can be read, but not created.
    #[serde(other)]
    Unsupported,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub enum ItemFieldType {
    /// A text.
    Text,
    /// A text that is hidden until it is revealed, such as a password.
    Concealed,
    /// The brand of a credit card, such as `visa` or `mc`.
    CreditCardType,
    /// The number of a credit card.
    CreditCardNumber,
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
    /// The secret of one-time passwords: an `otpauth://` URL, or base32 text.
    Totp,
    /// An e-mail address.
    Email,
    /// The id of another item.
    Reference,
    /// A private SSH key.
    SshKey,
    /// One of several choices.
    Menu,
    /// A month, as `MM/YYYY`.
    MonthYear,
    /// A postal address; its parts are in {field ItemField.details}.
    Address,
    /// A date, as `YYYY-MM-DD`.
    Date,
    /// A type that this version does not know. The value reads as empty.
    #[serde(other)]
    Unsupported,
}

/// A postal address, in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct AddressFieldDetails {
    /// The street and house number.
    pub street: String,
    /// The city.
    pub city: String,
    /// The country, as a two-letter code.
    pub country: String,
    /// The postal code.
    pub zip: String,
    /// The state or province.
    pub state: String,
}

/// The current one-time password of a field, or the reason why there is none.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OtpFieldDetails {
    /// Set unless there is an error: the one-time password.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub code: Option<String>,
    /// Set if there is no one-time password: the reason.
    pub error_message: Option<String>,
}

impl fmt::Debug for OtpFieldDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtpFieldDetails").field("error_message", &self.error_message).finish_non_exhaustive()
    }
}

/// What is public about an SSH key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SshKeyAttributes {
    /// The public key, in the format of an `authorized_keys` file.
    pub public_key: String,
    /// `SHA256:` and the base64 hash of the public key.
    pub fingerprint: String,
    /// `Ed25519`, or `RSA, 2048-bit` with the length of the modulus.
    pub key_type: String,
}

/// What a field of some types has besides its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "content")]
pub enum ItemFieldDetails {
    /// Set for fields of type {value ItemFieldType.Totp}.
    Otp(OtpFieldDetails),
    /// Set for fields of type {value ItemFieldType.SshKey}.
    SshKey(Option<SshKeyAttributes>),
    /// Set for fields of type {value ItemFieldType.Address}.
    Address(Option<AddressFieldDetails>),
}

/// A field of an item.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemField {
    /// The id, unique within the item.
    pub id: String,
    /// The title.
    pub title: String,
    /// The id of the field's section. Missing for the built-in fields of Logins and Passwords.
    pub section_id: Option<String>,
    /// The type of the field.
    pub field_type: ItemFieldType,
    /// The value, as text.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = concealed())))]
    pub value: String,
    /// What the field has besides its value, depending on its type.
    pub details: Option<ItemFieldDetails>,
}

impl fmt::Debug for ItemField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemField")
            .field("id", &self.id)
            .field("section_id", &self.section_id)
            .field("field_type", &self.field_type)
            .finish_non_exhaustive()
    }
}

impl Drop for ItemField {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

/// A section of an item, which groups fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemSection {
    /// The id, unique within the item.
    pub id: String,
    /// The title.
    pub title: String,
}

/// Where apps fill in an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub enum AutofillBehavior {
    /// On pages with exactly this host and port.
    ExactDomain,
    /// Nowhere.
    Never,
    /// On every page of the website and its subdomains. Names that this version does not know are read as this.
    // The official SDK treats unknown names like this one. Serde requires the catch-all variant to be the last.
    #[default]
    #[serde(other)]
    AnywhereOnWebsite,
}

/// A website of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Website {
    /// The address.
    pub url: String,
    /// The label, such as `website`.
    pub label: String,
    /// Where apps fill in the item.
    #[serde(deserialize_with = "super::or_default")]
    pub autofill_behavior: AutofillBehavior,
}

/// What is known about a file without reading it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct FileAttributes {
    /// The name.
    pub name: String,
    /// The id.
    pub id: String,
    /// The size in bytes.
    pub size: u32,
}

/// A file attached to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemFile {
    /// The name, the id and the size of the file.
    pub attributes: FileAttributes,
    /// The id of the section that contains the file.
    pub section_id: String,
    /// The id of the field that holds the file.
    pub field_id: String,
}

/// An item, decrypted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The id: 26 characters.
    pub id: String,
    /// The title.
    pub title: String,
    /// The category.
    pub category: ItemCategory,
    /// The id of the vault that contains the item.
    pub vault_id: String,
    /// The fields, with built-in ones first.
    #[serde(deserialize_with = "super::or_default")]
    pub fields: Vec<ItemField>,
    /// The sections.
    #[serde(deserialize_with = "super::or_default")]
    pub sections: Vec<ItemSection>,
    /// The notes; empty if there are none.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub notes: String,
    /// The tags.
    #[serde(deserialize_with = "super::or_default")]
    pub tags: Vec<String>,
    /// The websites, for a Login or Password.
    #[serde(deserialize_with = "super::or_default")]
    pub websites: Vec<Website>,
    /// Increases with every change to the item.
    pub version: u32,
    /// The attached files.
    #[serde(deserialize_with = "super::or_default")]
    pub files: Vec<ItemFile>,
    /// Set for a Document: its file.
    pub document: Option<FileAttributes>,
    /// When the item was created.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub created_at: String,
    /// When the item was last changed.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub updated_at: String,
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item")
            .field("id", &self.id)
            .field("category", &self.category)
            .field("vault_id", &self.vault_id)
            .field("fields", &self.fields)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        self.notes.zeroize();
    }
}

/// The state of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ItemState {
    /// The item is in use.
    Active,
    /// The item is archived. Secret references do not find it.
    Archived,
}

/// What lists show of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemOverview {
    /// The id: 26 characters.
    pub id: String,
    /// The title; `[Encrypted]` if the item cannot be opened.
    pub title: String,
    /// The category.
    pub category: ItemCategory,
    /// The id of the vault that contains the item.
    pub vault_id: String,
    /// The websites, for a Login or Password.
    pub websites: Vec<Website>,
    /// The tags.
    pub tags: Vec<String>,
    /// When the item was created.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub created_at: String,
    /// When the item was last changed.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub updated_at: String,
    /// The state of the item.
    pub state: ItemState,
    /// What apps show below the title, such as the user name of a Login. Searches look at it; the public SDKs' type,
    /// which this is in other languages, does not have it.
    #[serde(skip)]
    pub subtitle: String,
    /// Whether the item can be opened. Like the subtitle, not part of the type in other languages.
    #[serde(skip)]
    pub opens: bool,
}

/// A filter for lists of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "content", deny_unknown_fields)]
pub enum ItemListFilter {
    /// Filter by state.
    ByState {
        /// Whether to list active items.
        active: bool,
        /// Whether to list archived items.
        archived: bool,
    },
}

/// A file for a Document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct DocumentCreateParams {
    /// The name.
    pub name: String,
    /// The content.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub content: Bytes,
}

impl fmt::Debug for DocumentCreateParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentCreateParams").field("size", &self.content.len()).finish_non_exhaustive()
    }
}

/// A file to attach to an item.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FileCreateParams {
    /// The name.
    pub name: String,
    /// The content.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub content: Bytes,
    /// The id of the section to put the file in.
    pub section_id: String,
    /// The id of the field to create for the file.
    pub field_id: String,
}

impl fmt::Debug for FileCreateParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileCreateParams")
            .field("section_id", &self.section_id)
            .field("field_id", &self.field_id)
            .field("size", &self.content.len())
            .finish_non_exhaustive()
    }
}

/// An item to create.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemCreateParams {
    /// The category.
    pub category: ItemCategory,
    /// The id of the vault to create it in.
    pub vault_id: String,
    /// The title.
    pub title: String,
    /// The fields. The caller chooses their ids. In a Login, the fields `username` and `password` without a section are
    /// the ones that apps fill in; in a Password, the field `password`.
    pub fields: Option<Vec<ItemField>>,
    /// The sections that the fields name.
    pub sections: Option<Vec<ItemSection>>,
    /// The notes.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub notes: Option<String>,
    /// The tags: not empty, and without duplicates.
    pub tags: Option<Vec<String>>,
    /// The websites, for a Login or Password.
    pub websites: Option<Vec<Website>>,
    /// The files to attach.
    pub files: Option<Vec<FileCreateParams>>,
    /// The file of a Document, which is required for one.
    pub document: Option<DocumentCreateParams>,
}

impl fmt::Debug for ItemCreateParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemCreateParams")
            .field("category", &self.category)
            .field("vault_id", &self.vault_id)
            .field("fields", &self.fields)
            .field("files", &self.files)
            .field("document", &self.document)
            .finish_non_exhaustive()
    }
}

impl Drop for ItemCreateParams {
    fn drop(&mut self) {
        self.notes.zeroize();
    }
}

/// The types whose values debug output leaves out, as the contract says it of a member beside `fieldType`.
#[cfg(feature = "contract")]
pub(crate) fn concealed() -> serde_json::Value {
    use ItemFieldType::{Concealed, CreditCardNumber, SshKey, Totp};
    serde_json::json!({ "fieldType": [Concealed, CreditCardNumber, Totp, SshKey] })
}

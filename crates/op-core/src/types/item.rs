use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::attachments::Bytes;

/// What an item is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub enum ItemCategory {
    /// A user name and password for a website or an app.
    Login,
    /// A text.
    SecureNote,
    /// A credit or debit card.
    CreditCard,
    /// A wallet of a cryptocurrency.
    CryptoWallet,
    /// A person's names and addresses.
    Identity,
    /// A password by itself.
    Password,
    /// A file.
    Document,
    /// Credentials of an API.
    ApiCredentials,
    /// A bank account.
    BankAccount,
    /// Credentials of a database.
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
    /// A rewards programme.
    Rewards,
    /// A wireless router.
    Router,
    /// Credentials of a server.
    Server,
    /// An SSH key.
    SshKey,
    /// A social security number.
    SocialSecurityNumber,
    /// A software license.
    SoftwareLicense,
    /// A person.
    Person,
    /// A category that this version does not know; such items can be read, but not created.
    #[serde(other)]
    Unsupported,
}

/// What the value of a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub enum ItemFieldType {
    /// A text.
    Text,
    /// A text that is hidden until it is asked for, such as a password.
    Concealed,
    /// The brand of a credit card, such as `visa` or `mc`.
    CreditCardType,
    /// The number of a credit card.
    CreditCardNumber,
    /// A telephone number.
    Phone,
    /// An address on the web.
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
    /// A type that this version does not know; the value reads as empty.
    #[serde(other)]
    Unsupported,
}

/// The parts of a postal address.
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

/// The one-time password of this moment: exactly one of the two members is set.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OtpFieldDetails {
    /// The code.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub code: Option<String>,
    /// Why there is no code.
    pub error_message: Option<String>,
}

impl fmt::Debug for OtpFieldDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtpFieldDetails").field("error_message", &self.error_message).finish_non_exhaustive()
    }
}

/// The public facts about an SSH key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SshKeyAttributes {
    /// The public key, as it stands in an `authorized_keys` file.
    pub public_key: String,
    /// `SHA256:` and the base64 hash of the public key.
    pub fingerprint: String,
    /// `Ed25519`, or `RSA, 2048-bit` for a modulus of that length.
    pub key_type: String,
}

/// What some types of fields tell beside their value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "content")]
pub enum ItemFieldDetails {
    /// Of a field of type {value ItemFieldType.Totp}.
    Otp(OtpFieldDetails),
    /// Of a field of type {value ItemFieldType.SshKey}.
    SshKey(Option<SshKeyAttributes>),
    /// Of a field of type {value ItemFieldType.Address}.
    Address(Option<AddressFieldDetails>),
}

/// A field of an item.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemField {
    /// The id, unique in its item.
    pub id: String,
    /// The title.
    pub title: String,
    /// The id of the field's section. The built-in fields of Login and Password items have none.
    pub section_id: Option<String>,
    /// What the value is.
    pub field_type: ItemFieldType,
    /// The value as text.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = crate::items::kinds::concealed())))]
    pub value: String,
    /// What the type tells beside the value.
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

/// A group of fields of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemSection {
    /// The id, unique in its item.
    pub id: String,
    /// The title.
    pub title: String,
}

/// Where an item is filled in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub enum AutofillBehavior {
    /// On pages of exactly this host and port.
    ExactDomain,
    /// Nowhere.
    Never,
    /// On every page of the website and its subdomains. Names that this version does not know mean this too.
    // The official SDK takes unknown names so; serde wants the catch-all last.
    #[default]
    #[serde(other)]
    AnywhereOnWebsite,
}

/// A website that an item belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Website {
    /// The address.
    pub url: String,
    /// The label, such as `website`.
    pub label: String,
    /// Where the item is filled in.
    #[serde(deserialize_with = "super::or_default")]
    pub autofill_behavior: AutofillBehavior,
}

/// What is known of a file without reading it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct FileAttributes {
    /// The name.
    pub name: String,
    /// The id on the server.
    pub id: String,
    /// The size, in bytes.
    pub size: u32,
}

/// A file attached to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemFile {
    /// What is known of the file.
    pub attributes: FileAttributes,
    /// The id of the section that it stands in.
    pub section_id: String,
    /// The id of the field that holds it.
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
    /// What the item is about.
    pub category: ItemCategory,
    /// The id of the vault that holds the item.
    pub vault_id: String,
    /// The fields, built-in ones first.
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
    /// The websites of a Login or Password.
    #[serde(deserialize_with = "super::or_default")]
    pub websites: Vec<Website>,
    /// Grows with every change of the item.
    pub version: u32,
    /// The attached files.
    #[serde(deserialize_with = "super::or_default")]
    pub files: Vec<ItemFile>,
    /// The file of a Document.
    pub document: Option<FileAttributes>,
    /// When the item was made.
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

/// Whether an item is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ItemState {
    /// In use.
    Active,
    /// Put away; secret references do not find it.
    Archived,
}

/// What a list shows of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemOverview {
    /// The id: 26 characters.
    pub id: String,
    /// The title.
    pub title: String,
    /// What the item is about.
    pub category: ItemCategory,
    /// The id of the vault that holds the item.
    pub vault_id: String,
    /// The websites of a Login or Password.
    pub websites: Vec<Website>,
    /// The tags.
    pub tags: Vec<String>,
    /// When the item was made.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub created_at: String,
    /// When the item was last changed.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub updated_at: String,
    /// Whether the item is in use.
    pub state: ItemState,
    /// What apps show below the title, such as the user name of a Login. Searches look at it; the public SDKs' type,
    /// which this is in other languages, does not have it.
    #[serde(skip)]
    pub subtitle: String,
}

/// Which items to list. Of several filters, an item has to pass all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "content", deny_unknown_fields)]
pub enum ItemListFilter {
    /// By whether they are in use.
    ByState {
        /// Whether to list items in use.
        active: bool,
        /// Whether to list archived items.
        archived: bool,
    },
}

/// A file to create with a Document.
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

/// A file to attach to an item that is created.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FileCreateParams {
    /// The name.
    pub name: String,
    /// The content.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub content: Bytes,
    /// The id of the section to put it into.
    pub section_id: String,
    /// The id of the field to make for it.
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
    /// What the item is about.
    pub category: ItemCategory,
    /// The id of the vault to put it into.
    pub vault_id: String,
    /// The title.
    pub title: String,
    /// The fields. Ids are the caller's to choose. In a Login, the fields `username` and `password` without a section
    /// are the ones that are filled in; in a Password, the field `password`.
    pub fields: Option<Vec<ItemField>>,
    /// The sections that the fields name.
    pub sections: Option<Vec<ItemSection>>,
    /// The notes.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub notes: Option<String>,
    /// The tags: not empty, and each only once.
    pub tags: Option<Vec<String>>,
    /// The websites, of a Login or Password.
    pub websites: Option<Vec<Website>>,
    /// Files to attach.
    pub files: Option<Vec<FileCreateParams>>,
    /// The file of a Document, which has to have one.
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

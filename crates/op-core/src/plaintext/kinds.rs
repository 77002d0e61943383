//! The names of categories, field types and autofill behaviours in the SDK and in plaintexts.

use std::fmt;

use crate::types::{AutofillBehavior, ItemCategory, ItemFieldType};

/// Categories and their template ids; [`ItemCategory::Unsupported`] has none.
const TEMPLATES: &[(ItemCategory, &str)] = &[
    (ItemCategory::Login, "001"),
    (ItemCategory::CreditCard, "002"),
    (ItemCategory::SecureNote, "003"),
    (ItemCategory::Identity, "004"),
    (ItemCategory::Password, "005"),
    (ItemCategory::Document, "006"),
    (ItemCategory::SoftwareLicense, "100"),
    (ItemCategory::BankAccount, "101"),
    (ItemCategory::Database, "102"),
    (ItemCategory::DriverLicense, "103"),
    (ItemCategory::OutdoorLicense, "104"),
    (ItemCategory::Membership, "105"),
    (ItemCategory::Passport, "106"),
    (ItemCategory::Rewards, "107"),
    (ItemCategory::SocialSecurityNumber, "108"),
    (ItemCategory::Router, "109"),
    (ItemCategory::Server, "110"),
    (ItemCategory::Email, "111"),
    (ItemCategory::ApiCredentials, "112"),
    (ItemCategory::MedicalRecord, "113"),
    (ItemCategory::SshKey, "114"),
    (ItemCategory::CryptoWallet, "115"),
    (ItemCategory::Person, "910"),
];

/// Field types and their kinds. If types share a kind, the first one is the default meaning of the kind.
const KINDS: &[(ItemFieldType, &str)] = &[
    (ItemFieldType::Text, "string"),
    (ItemFieldType::CreditCardNumber, "string"),
    (ItemFieldType::Concealed, "concealed"),
    (ItemFieldType::Totp, "concealed"),
    (ItemFieldType::CreditCardType, "cctype"),
    (ItemFieldType::Phone, "phone"),
    (ItemFieldType::Url, "URL"),
    (ItemFieldType::Email, "email"),
    (ItemFieldType::Reference, "reference"),
    (ItemFieldType::SshKey, "sshKey"),
    (ItemFieldType::Menu, "menu"),
    (ItemFieldType::MonthYear, "monthYear"),
    (ItemFieldType::Address, "address"),
    (ItemFieldType::Date, "date"),
];

/// Returns the types that new fields may have, in the order of the table.
#[cfg(feature = "contract")]
pub(crate) fn field_types() -> impl Iterator<Item = ItemFieldType> {
    KINDS.iter().map(|(field_type, _)| *field_type)
}

/// Returns each template id and its category.
#[cfg(feature = "contract")]
pub(crate) fn categories() -> impl Iterator<Item = (&'static str, ItemCategory)> {
    TEMPLATES.iter().map(|(category, template)| (*template, *category))
}

/// Returns each kind and the default meaning of the kind.
#[cfg(feature = "contract")]
pub(crate) fn meanings() -> impl Iterator<Item = (&'static str, ItemFieldType)> {
    let kinds = KINDS.iter().map(|(field_type, kind)| (*kind, *field_type));
    // The ids decide between types that share a kind.
    kinds.filter(|(kind, field_type)| self::field_type(kind, "") == *field_type)
}

const MODES: &[(AutofillBehavior, &str)] = &[
    (AutofillBehavior::AnywhereOnWebsite, "default"),
    (AutofillBehavior::ExactDomain, "host"),
    (AutofillBehavior::Never, "never"),
];

/// Returns the error for [`ItemCategory::Unsupported`] and for unknown names: the text of the public SDKs, and the
/// known names.
pub(crate) fn unsupported_category() -> String {
    format!("An unsupported item category was specified: expected one of {}", names(TEMPLATES))
}

/// Returns the error for an unsupported type of a field.
pub(super) fn unsupported_field(title: &str) -> String {
    format!("field '{title}' had an unsupported field type: expected one of {}", names(KINDS))
}

pub(super) fn category(template: &str) -> ItemCategory {
    named(TEMPLATES, template).unwrap_or(ItemCategory::Unsupported)
}

pub(super) fn template(category: ItemCategory) -> Option<&'static str> {
    name(TEMPLATES, category)
}

pub(super) fn kind(field_type: ItemFieldType) -> Option<&'static str> {
    name(KINDS, field_type)
}

/// Returns the type of a field. The field's id decides between types that share a kind.
pub(crate) fn field_type(kind: &str, id: &str) -> ItemFieldType {
    match kind {
        "string" if id.starts_with("ccnum") => ItemFieldType::CreditCardNumber,
        "concealed" if id.starts_with("TOTP") => ItemFieldType::Totp,
        "gender" => ItemFieldType::Text,
        _ => named(KINDS, kind).unwrap_or(ItemFieldType::Unsupported),
    }
}

/// Returns the id to store, by which [`field_type`] recognizes the type.
pub(super) fn marked_id(field_type: ItemFieldType, id: &str) -> String {
    match field_type {
        ItemFieldType::CreditCardNumber if !id.starts_with("ccnum") => format!("ccnum_{id}"),
        ItemFieldType::Totp if !id.starts_with("TOTP") => format!("TOTP_{id}"),
        _ => id.to_owned(),
    }
}

pub(super) fn autofill_behavior(mode: &str) -> AutofillBehavior {
    named(MODES, mode).unwrap_or(AutofillBehavior::AnywhereOnWebsite)
}

pub(super) fn mode(behavior: AutofillBehavior) -> &'static str {
    name(MODES, behavior).unwrap_or("default")
}

fn names<T: fmt::Debug>(table: &[(T, &str)]) -> String {
    table.iter().map(|(value, _)| format!("{value:?}")).collect::<Vec<_>>().join(", ")
}

fn named<T: Copy>(table: &[(T, &str)], name: &str) -> Option<T> {
    table.iter().find(|(_, n)| *n == name).map(|(value, _)| *value)
}

fn name<T: PartialEq>(table: &[(T, &'static str)], value: T) -> Option<&'static str> {
    table.iter().find(|(v, _)| *v == value).map(|(_, name)| *name)
}

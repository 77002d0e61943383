//! The subtitle of an item in lists. The apps display it, and nothing depends on it.

use time::OffsetDateTime;

use super::ssh::PrivateKey;
use crate::{
    plaintext::timestamp,
    types::{ItemCategory, ItemCreateParams, ItemField, ItemFieldType},
};

const NOTES_LENGTH: usize = 80;

/// Returns the subtitle of a new item; `ssh_key` is the key of an SshKey item.
pub(super) fn subtitle(params: &ItemCreateParams, ssh_key: Option<&PrivateKey>, now_seconds: u64) -> String {
    let fields = params.fields.as_deref().unwrap_or_default();
    let value = |id| value_of(fields, id).unwrap_or_default().to_owned();
    match params.category {
        ItemCategory::Login => login(fields),
        ItemCategory::CreditCard => card(fields),
        ItemCategory::SecureNote => {
            let first_line = params.notes.as_deref().unwrap_or_default().lines().next().unwrap_or_default();
            first_line.chars().take(NOTES_LENGTH).collect()
        }
        ItemCategory::Identity => {
            let names = [value("firstname"), value("lastname")];
            names.iter().filter(|name| !name.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ")
        }
        ItemCategory::Password => clock(timestamp::utc(now_seconds)),
        ItemCategory::MedicalRecord => {
            value_of(fields, "date").map_or_else(|| timestamp::date(timestamp::utc(now_seconds)), str::to_owned)
        }
        ItemCategory::SshKey => ssh_key.map(PrivateKey::fingerprint).unwrap_or_default(),
        ItemCategory::SoftwareLicense => value("product_version"),
        ItemCategory::BankAccount => value("bankName"),
        ItemCategory::Database => value("hostname"),
        ItemCategory::DriverLicense | ItemCategory::Passport => value("number"),
        ItemCategory::OutdoorLicense | ItemCategory::SocialSecurityNumber => value("name"),
        ItemCategory::Membership => value("member_name"),
        ItemCategory::Rewards => value("company_name"),
        ItemCategory::Router => value("network_name"),
        ItemCategory::Server => value("username"),
        ItemCategory::Email => value("pop_username"),
        ItemCategory::ApiCredentials => value("type"),
        ItemCategory::Document => {
            params.document.as_ref().map(|file| file_size(file.content.len() as u64)).unwrap_or_default()
        }
        ItemCategory::CryptoWallet | ItemCategory::Person | ItemCategory::Unsupported => String::new(),
    }
}

fn value_of<'a>(fields: &'a [ItemField], id: &str) -> Option<&'a str> {
    fields.iter().find(|field| field.id == id).map(|field| field.value.as_str()).filter(|value| !value.is_empty())
}

fn login(fields: &[ItemField]) -> String {
    let username = fields.iter().find(|field| field.id == "username" && field.section_id.is_none());
    username.map(|field| field.value.clone()).filter(|name| !name.is_empty()).unwrap_or_else(|| "—".to_owned())
}

/// Returns the first and last four digits of a card number; empty for numbers with fewer than eight digits.
fn card(fields: &[ItemField]) -> String {
    let Some(card) = fields.iter().find(|field| field.field_type == ItemFieldType::CreditCardNumber) else {
        return String::new();
    };
    let digits: Vec<char> = card.value.chars().filter(char::is_ascii_digit).collect();
    match (digits.first_chunk::<4>(), digits.last_chunk::<4>()) {
        (Some(first), Some(last)) if digits.len() >= 8 => {
            format!("{} **** {}", String::from_iter(first), String::from_iter(last))
        }
        _ => String::new(),
    }
}

/// Returns a time in the form `2026-11-22 11:41 PM`.
fn clock(time: OffsetDateTime) -> String {
    let (hour, half) = (time.hour() % 12, if time.hour() < 12 { "AM" } else { "PM" });
    format!("{} {:02}:{:02} {half}", timestamp::date(time), if hour == 0 { 12 } else { hour }, time.minute())
}

/// Returns the subtitle of a Document, which is the size of its file.
pub(super) fn file_size(bytes: u64) -> String {
    format!("{bytes} bytes")
}

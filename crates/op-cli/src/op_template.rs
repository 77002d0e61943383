//! Converts item templates of the `op` command (`op item template get`, `op item get --format json`) into the SDKs'
//! parameters.

use anyhow::{Context as _, Result, anyhow, bail};
use serde::Deserialize;
use serde_json::{Value, json};

/// Returns whether the template has the `op` command's form, whose categories are in capitals.
pub(crate) fn is_op_template(template: &Value) -> bool {
    let category = template.get("category").and_then(Value::as_str).unwrap_or_default();
    !category.is_empty() && !category.contains(|letter: char| letter.is_ascii_lowercase())
}

/// Returns the parameters of `items.create`, without the vault.
pub(crate) fn parameters(template: Value) -> Result<Value> {
    let template: Template = serde_json::from_value(template).context("the template is invalid")?;
    let category = CATEGORIES.iter().find(|(theirs, _)| *theirs == template.category);
    let (_, category) = category.ok_or_else(|| {
        let known: Vec<_> = CATEGORIES.iter().map(|(theirs, _)| *theirs).collect();
        anyhow!("unknown category {}: use one of {}", template.category, known.join(", "))
    })?;
    let mut sections: Vec<Section> = template.sections.unwrap_or_default();
    let (mut fields, mut notes) = (Vec::new(), None);
    for (index, field) in template.fields.unwrap_or_default().into_iter().enumerate() {
        let name = field.label.clone().or_else(|| field.id.clone()).unwrap_or_default();
        if field.purpose.as_deref() == Some("NOTES") || field.id.as_deref() == Some("notesPlain") {
            notes = field.value;
            continue;
        }
        if let Some(section) = &field.section
            && !sections.iter().any(|known| known.id() == section.id())
        {
            sections.push(section.clone());
        }
        if let Some(field) = field.parameters(index).with_context(|| format!("the field {name} is invalid"))? {
            fields.push(field);
        }
    }
    let websites = template.urls.unwrap_or_default().into_iter().map(|url| {
        json!({
            "url": url.href,
            "label": url.label.unwrap_or_else(|| "website".to_owned()),
            "autofillBehavior": "AnywhereOnWebsite",
        })
    });
    Ok(json!({
        "category": category,
        "title": template.title,
        "fields": fields,
        "sections": sections.iter().map(|each| json!({"id": each.id(), "title": each.title()})).collect::<Vec<_>>(),
        "notes": notes.filter(|notes| !notes.is_empty()),
        "tags": template.tags,
        "websites": websites.collect::<Vec<_>>(),
    }))
}

const CATEGORIES: [(&str, &str); 22] = [
    ("API_CREDENTIAL", "ApiCredentials"),
    ("BANK_ACCOUNT", "BankAccount"),
    ("CREDIT_CARD", "CreditCard"),
    ("CRYPTO_WALLET", "CryptoWallet"),
    ("DATABASE", "Database"),
    ("DOCUMENT", "Document"),
    ("DRIVER_LICENSE", "DriverLicense"),
    ("EMAIL_ACCOUNT", "Email"),
    ("IDENTITY", "Identity"),
    ("LOGIN", "Login"),
    ("MEDICAL_RECORD", "MedicalRecord"),
    ("MEMBERSHIP", "Membership"),
    ("OUTDOOR_LICENSE", "OutdoorLicense"),
    ("PASSPORT", "Passport"),
    ("PASSWORD", "Password"),
    ("REWARD_PROGRAM", "Rewards"),
    ("SECURE_NOTE", "SecureNote"),
    ("SERVER", "Server"),
    ("SOCIAL_SECURITY_NUMBER", "SocialSecurityNumber"),
    ("SOFTWARE_LICENSE", "SoftwareLicense"),
    ("SSH_KEY", "SshKey"),
    ("WIRELESS_ROUTER", "Router"),
];

/// The `op` command's field types, the SDKs' types, and whether an empty value means that the field has none.
const FIELD_TYPES: [(&str, &str, bool); 14] = [
    ("STRING", "Text", false),
    ("CONCEALED", "Concealed", false),
    ("EMAIL", "Email", false),
    ("URL", "Url", false),
    ("PHONE", "Phone", false),
    ("MENU", "Menu", false),
    ("GENDER", "Text", false),
    ("CREDIT_CARD_TYPE", "CreditCardType", false),
    ("CREDIT_CARD_NUMBER", "CreditCardNumber", false),
    ("OTP", "Totp", true),
    ("DATE", "Date", true),
    ("MONTH_YEAR", "MonthYear", true),
    ("REFERENCE", "Reference", true),
    ("SSHKEY", "SshKey", true),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    category: String,
    #[serde(default)]
    title: String,
    fields: Option<Vec<Field>>,
    sections: Option<Vec<Section>>,
    urls: Option<Vec<Url>>,
    tags: Option<Vec<String>>,
    // Properties of an existing item, printed by `op item get`. A new item gets its own.
    #[serde(rename = "id")]
    _id: Option<Value>,
    #[serde(rename = "version")]
    _version: Option<Value>,
    #[serde(rename = "vault")]
    _vault: Option<Value>,
    #[serde(rename = "last_edited_by")]
    _last_edited_by: Option<Value>,
    #[serde(rename = "created_at")]
    _created_at: Option<Value>,
    #[serde(rename = "updated_at")]
    _updated_at: Option<Value>,
    #[serde(rename = "additional_information")]
    _additional_information: Option<Value>,
    #[serde(rename = "category_id")]
    _category_id: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    purpose: Option<String>,
    label: Option<String>,
    value: Option<String>,
    section: Option<Section>,
    // Properties of an existing field.
    #[serde(rename = "reference")]
    _reference: Option<Value>,
    #[serde(rename = "password_details")]
    _password_details: Option<Value>,
    #[serde(rename = "entropy")]
    _entropy: Option<Value>,
    #[serde(rename = "totp")]
    _totp: Option<Value>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Section {
    id: Option<String>,
    label: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Url {
    href: String,
    label: Option<String>,
    #[serde(rename = "primary")]
    _primary: Option<bool>,
}

impl Section {
    fn id(&self) -> &str {
        self.id.as_deref().or(self.label.as_deref()).unwrap_or_default()
    }

    fn title(&self) -> &str {
        self.label.as_deref().unwrap_or_default()
    }
}

impl Field {
    /// Returns None if the field has no value and its type does not allow an empty one.
    fn parameters(self, index: usize) -> Result<Option<Value>> {
        let kind = self.kind.as_deref().unwrap_or("STRING");
        let Some((_, ours, empty_is_none)) = FIELD_TYPES.iter().find(|(theirs, ..)| *theirs == kind) else {
            let known: Vec<_> = FIELD_TYPES.iter().map(|(theirs, ..)| *theirs).collect();
            bail!(
                "unknown field type {kind}: use one of {}, or store files with `opwire document create`",
                known.join(", ")
            );
        };
        let value = self.value.unwrap_or_default();
        if value.is_empty() && *empty_is_none {
            return Ok(None);
        }
        let title = self.label.or_else(|| self.id.clone()).unwrap_or_default();
        let id = self.id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("field{}", index + 1));
        let value = if *ours == "MonthYear" { month(&value) } else { value };
        let section = self.section.as_ref().map(Section::id);
        Ok(Some(json!({"id": id, "title": title, "fieldType": ours, "sectionId": section, "value": value})))
    }
}

/// Converts `YYYYMM` or `YYYY/MM` into `MM/YYYY`. Other text is returned unchanged, and the core refuses it.
fn month(text: &str) -> String {
    let digits: String = text.chars().filter(|letter| !matches!(letter, '/' | '-')).collect();
    match (digits.get(..4), digits.get(4..)) {
        (Some(year), Some(month)) if month.len() == 2 => format!("{month}/{year}"),
        _ => text.to_owned(),
    }
}

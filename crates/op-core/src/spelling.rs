//! Names of the contract in the spelling of each language, for generated code and for errors.

/// The language of a binding, for the members that its errors name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `vaultId`, `params.fieldType`.
    JavaScript,
    /// `vault_id`, `params.field_type`.
    Python,
    /// `vaultID`, `params.FieldType`: the first name is a parameter, the others are exported fields.
    Go,
}

impl Spelling {
    /// Returns the path of a member, such as `params.fields[0].fieldType`. For a member of the client's configuration,
    /// this is the language's parameter or option.
    #[must_use]
    pub fn path(self, path: &str) -> String {
        match (self, path) {
            (Self::JavaScript | Self::Python, "serviceAccountToken") | (Self::JavaScript, "accountName") => {
                return "auth".to_owned();
            }
            (Self::Go, "serviceAccountToken") => return "WithServiceAccountToken".to_owned(),
            (Self::Go, "accountName") => return "WithDesktopAppIntegration".to_owned(),
            // No method has parameters of these names.
            (Self::Go, "vaults" | "readOnly") => return "WithDesktopScope".to_owned(),
            (Self::Go, "integrationName" | "integrationVersion") => return "WithIntegrationInfo".to_owned(),
            _ => {}
        }
        let steps = path.split('.').enumerate().map(|(at, step)| {
            let (name, index) = step.split_at(step.find('[').unwrap_or(step.len()));
            let name = match self {
                Self::JavaScript => camel(name),
                Self::Python => snake(name),
                Self::Go if at == 0 => go_camel(name),
                Self::Go => go_pascal(name),
            };
            name + index
        });
        steps.collect::<Vec<_>>().join(".")
    }
}

/// `vault_id` → `vaultId`.
#[must_use]
pub fn camel(name: &str) -> String {
    uncapitalized(&pascal(name))
}

/// `vaultId` → `vault_id`.
#[must_use]
pub fn snake(name: &str) -> String {
    words(name).join("_").to_ascii_lowercase()
}

/// `sshKeyId` → `SSHKeyID`, with the initialisms that the Go package spells in capitals.
#[must_use]
pub fn go_pascal(name: &str) -> String {
    words(name).iter().map(|word| go_word(word)).collect()
}

/// `vault_id` → `vaultID`.
#[must_use]
pub fn go_camel(name: &str) -> String {
    let mut words = words(name).into_iter();
    let first = words.next().unwrap_or_default().to_ascii_lowercase();
    words.fold(first, |name, word| name + &go_word(&word))
}

/// `vaultId` → `VaultId`; capitals inside stay as they are.
#[must_use]
pub fn pascal(name: &str) -> String {
    words(name).iter().map(|word| capitalized(word)).collect()
}

/// Returns the text with its first letter in upper case.
#[must_use]
pub fn capitalized(text: &str) -> String {
    change_first(text, |first| first.to_ascii_uppercase())
}

/// Returns the text with its first letter in lower case.
#[must_use]
pub fn uncapitalized(text: &str) -> String {
    change_first(text, |first| first.to_ascii_lowercase())
}

/// Returns the words of a name in any spelling, without changing their case: `sshKeyId` is `ssh`, `Key`, `Id`.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut previous: Option<char> = None;
    for (position, &letter) in letters.iter().enumerate() {
        if letter == '_' || letter == '-' || letter == '.' {
            previous = None;
            continue;
        }
        let before_small = letters.get(position + 1).is_some_and(|next| next.is_ascii_lowercase());
        let starts_word = previous
            .is_none_or(|previous| letter.is_ascii_uppercase() && (!previous.is_ascii_uppercase() || before_small));
        match words.last_mut() {
            Some(word) if !starts_word => word.push(letter),
            _ => words.push(letter.to_string()),
        }
        previous = Some(letter);
    }
    words
}

fn go_word(word: &str) -> String {
    // Not UUID: the public Go SDK has `VaultUuid` and `AccessorUuid`.
    const INITIALISMS: [&str; 8] = ["API", "ID", "OTP", "SDK", "SSH", "TOTP", "TTL", "URL"];
    let is_initialism = |word: &str| INITIALISMS.iter().any(|known| known.eq_ignore_ascii_case(word));
    match word.strip_suffix('s') {
        _ if is_initialism(word) => word.to_ascii_uppercase(),
        Some(singular) if is_initialism(singular) => singular.to_ascii_uppercase() + "s",
        _ => capitalized(word),
    }
}

fn change_first(text: &str, change: impl Fn(char) -> char) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| change(first).to_string() + letters.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_spelled_as_each_language_spells_its_members() {
        use Spelling::{Go, JavaScript, Python};
        for (path, spellings) in [
            ("vault_id", ["vaultId", "vault_id", "vaultID"]),
            (
                "params.fields[0].fieldType",
                ["params.fields[0].fieldType", "params.fields[0].field_type", "params.Fields[0].FieldType"],
            ),
            ("item.websites[12].url", ["item.websites[12].url", "item.websites[12].url", "item.Websites[12].URL"]),
            ("item_ids[3]", ["itemIds[3]", "item_ids[3]", "itemIDs[3]"]),
            ("[1].id", ["[1].id", "[1].id", "[1].ID"]),
            ("serviceAccountToken", ["auth", "auth", "WithServiceAccountToken"]),
            ("accountName", ["auth", "account_name", "WithDesktopAppIntegration"]),
            ("readOnly", ["readOnly", "read_only", "WithDesktopScope"]),
            ("integrationName", ["integrationName", "integration_name", "WithIntegrationInfo"]),
            ("", ["", "", ""]),
        ] {
            assert_eq!([JavaScript, Python, Go].map(|language| language.path(path)), spellings, "{path}");
        }
    }

    #[test]
    fn python_names_are_snake_case() {
        assert_eq!(snake("vaultId"), "vault_id");
    }

    #[test]
    fn go_names_spell_initialisms_in_capitals() {
        assert_eq!(go_pascal("SshKeyAttributes"), "SSHKeyAttributes");
        assert_eq!(go_pascal("sSHKeyMetadataNotFound"), "SSHKeyMetadataNotFound");
        assert_eq!(go_pascal("unableToGenerateTotpCode"), "UnableToGenerateTOTPCode");
        assert_eq!(go_pascal("vaultUuid"), "VaultUuid");
        assert_eq!(go_camel("vault_id"), "vaultID");
        assert_eq!(go_pascal("vaultIds"), "VaultIDs");
        assert_eq!(go_pascal("default_cache_ttl"), "DefaultCacheTTL");
        assert_eq!(go_pascal("pass"), "Pass");
        assert_eq!(go_camel("item_ids"), "itemIDs");
        assert_eq!(go_camel("id"), "id");
    }

    #[test]
    fn typescript_names_keep_inner_capitals() {
        assert_eq!(pascal("get_overview"), "GetOverview");
        assert_eq!(camel("vault_id"), "vaultId");
        assert_eq!(pascal("incompatibleTOTPQueryParameterField"), "IncompatibleTOTPQueryParameterField");
    }
}

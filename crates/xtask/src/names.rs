//! One name of the contract, spelled as each language spells it.

/// The words of a name in any spelling, each in its own letters: `sshKeyId` is `ssh`, `Key`, `Id`.
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

/// `vaultId` → `VaultId`; capitals inside stay as they are.
pub(crate) fn pascal(name: &str) -> String {
    words(name).iter().map(|word| capitalized(word)).collect()
}

/// `vault_id` → `vaultId`.
pub(crate) fn camel(name: &str) -> String {
    uncapitalized(&pascal(name))
}

/// `vaultId` → `vault_id`.
pub(crate) fn snake(name: &str) -> String {
    words(name).join("_").to_lowercase()
}

/// `vaultId` → `VAULT_ID`.
pub(crate) fn shouting(name: &str) -> String {
    snake(name).to_uppercase()
}

/// `sshKeyId` → `SSHKeyID`, with the initialisms that the Go surface spells in capitals.
pub(crate) fn go_pascal(name: &str) -> String {
    words(name).iter().map(|word| go_word(word)).collect()
}

/// `vault_id` → `vaultID`.
pub(crate) fn go_camel(name: &str) -> String {
    let mut words = words(name).into_iter();
    let first = words.next().unwrap_or_default().to_lowercase();
    words.fold(first, |name, word| name + &go_word(&word))
}

fn go_word(word: &str) -> String {
    const INITIALISMS: [&str; 7] = ["API", "ID", "OTP", "SDK", "SSH", "TOTP", "URL"];
    let upper = word.to_uppercase();
    if INITIALISMS.contains(&upper.as_str()) { upper } else { capitalized(word) }
}

/// The text with its first letter large.
pub(crate) fn capitalized(text: &str) -> String {
    change_first(text, |first| first.to_ascii_uppercase())
}

/// The text with its first letter small.
pub(crate) fn uncapitalized(text: &str) -> String {
    change_first(text, |first| first.to_ascii_lowercase())
}

fn change_first(text: &str, change: impl Fn(char) -> char) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| change(first).to_string() + letters.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_names_are_snake_case() {
        assert_eq!(snake("vaultId"), "vault_id");
        assert_eq!(shouting("incompatibleTOTPQueryParameterField"), "INCOMPATIBLE_TOTP_QUERY_PARAMETER_FIELD");
        assert_eq!(shouting("sSHKeyMetadataNotFound"), "S_SH_KEY_METADATA_NOT_FOUND");
    }

    #[test]
    fn go_names_spell_initialisms_in_capitals() {
        assert_eq!(go_pascal("SshKeyAttributes"), "SSHKeyAttributes");
        assert_eq!(go_pascal("sSHKeyMetadataNotFound"), "SSHKeyMetadataNotFound");
        assert_eq!(go_pascal("unableToGenerateTotpCode"), "UnableToGenerateTOTPCode");
        assert_eq!(go_pascal("vaultUuid"), "VaultUuid");
        assert_eq!(go_camel("vault_id"), "vaultID");
        assert_eq!(go_camel("item_ids"), "itemIds");
        assert_eq!(go_camel("id"), "id");
    }

    #[test]
    fn typescript_names_keep_inner_capitals() {
        assert_eq!(pascal("get_overview"), "GetOverview");
        assert_eq!(camel("vault_id"), "vaultId");
        assert_eq!(pascal("incompatibleTOTPQueryParameterField"), "IncompatibleTOTPQueryParameterField");
    }
}

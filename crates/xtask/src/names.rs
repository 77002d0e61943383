//! Converts names of the contract to the spelling of each language.

pub(crate) use op_core::spelling::{camel, capitalized, go_camel, go_pascal, pascal, snake, uncapitalized};

/// Converts `vaultId` to `VAULT_ID`.
pub(crate) fn shouting(name: &str) -> String {
    snake(name).to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_of_python_and_go_are_in_capitals() {
        assert_eq!(shouting("incompatibleTOTPQueryParameterField"), "INCOMPATIBLE_TOTP_QUERY_PARAMETER_FIELD");
        assert_eq!(shouting("sSHKeyMetadataNotFound"), "S_SH_KEY_METADATA_NOT_FOUND");
    }
}

//! Vault permissions: bits of an access entry's `acl`.

macro_rules! permissions {
    ($($(#[doc = $doc:literal])+ $name:ident = $bits:literal;)+) => {
        $($(#[doc = $doc])+ pub const $name: u32 = $bits;)+

        /// Every permission constant: name, bits, and what it allows.
        pub const TABLE: &[(&str, u32, &str)] = &[$((stringify!($name), $bits, concat!($($doc),+).trim_ascii_start())),+];
    };
}

permissions! {
    /// No access to the vault.
    NO_ACCESS = 0;
    /// Recover the vault for its members.
    RECOVER_VAULT = 1;
    /// Manage the vault: its name, its members and their permissions, its deletion.
    MANAGE_VAULT = 2;
    /// Reveal and copy passwords and other concealed values.
    REVEAL_ITEM_PASSWORD = 16;
    /// Read items.
    READ_ITEMS = 32;
    /// Change items.
    UPDATE_ITEMS = 64;
    /// Create items.
    CREATE_ITEMS = 128;
    /// Archive items.
    ARCHIVE_ITEMS = 256;
    /// Delete items.
    DELETE_ITEMS = 512;
    /// Read and restore earlier versions of items.
    UPDATE_ITEM_HISTORY = 1024;
    /// Share copies of items with people outside the vault.
    SEND_ITEMS = 1_048_576;
    /// Move or copy items into the vault.
    IMPORT_ITEMS = 2_097_152;
    /// Export the vault's items.
    EXPORT_ITEMS = 4_194_304;
    /// Print the vault's items.
    PRINT_ITEMS = 8_388_608;
}

/// Everything: what the creator of a vault gets, including bits that have no name yet.
pub const ALL: u32 = 0x7fff_ffff;

/// The grants that people write, and their bits.
const GRANTS: &[(&str, u32)] = &[
    ("read_items", READ_ITEMS | REVEAL_ITEM_PASSWORD),
    ("write_items", CREATE_ITEMS | UPDATE_ITEMS | ARCHIVE_ITEMS | DELETE_ITEMS | UPDATE_ITEM_HISTORY),
    ("share_items", SEND_ITEMS),
    ("manage_vault", MANAGE_VAULT),
];

/// A grant that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown permission {0:?}: use read_items, write_items, share_items or manage_vault, separated by commas")]
pub struct UnknownGrant(pub String);

/// The bits of a comma-separated list of grants, as in `read_items,write_items`.
///
/// # Errors
/// [`UnknownGrant`] names the first one that does not exist.
pub fn parse_grants(text: &str) -> Result<u32, UnknownGrant> {
    text.split(',').map(str::trim).try_fold(NO_ACCESS, |bits, name| {
        let grant = GRANTS.iter().find(|(grant, _)| *grant == name);
        grant.map(|(_, grant)| bits | grant).ok_or_else(|| UnknownGrant(name.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_become_bits() {
        assert_eq!(parse_grants("read_items"), Ok(48));
        assert_eq!(parse_grants("read_items, write_items,share_items"), Ok(48 | 1984 | 1_048_576));
        assert_eq!(parse_grants("read_items,fly"), Err(UnknownGrant("fly".to_owned())));
        assert_eq!(parse_grants(""), Err(UnknownGrant(String::new())));
    }

    #[test]
    fn the_table_lists_the_constants() {
        assert!(TABLE.contains(&("READ_ITEMS", READ_ITEMS, "Read items.")));
        assert!(TABLE.iter().all(|(_, bits, _)| bits & !ALL == 0));
    }
}

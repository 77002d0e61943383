//! Vault permissions: the bits of an access's `acl`.

macro_rules! permissions {
    ($($(#[doc = $doc:literal])+ $name:ident = $bits:literal;)+) => {
        $($(#[doc = $doc])+ pub const $name: u32 = $bits;)+

        /// All permissions: name, bits, and what each allows.
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

/// All permissions, including bits without a name. The creator of a vault gets them.
pub const ALL: u32 = 0x7fff_ffff;

/// The permissions that each permission requires; see <https://developer.1password.com/docs/cli/vault-permissions>. That
/// page requires REVEAL_ITEM_PASSWORD for UPDATE_ITEMS too, but the public example for Go grants it without; see
/// docs/decisions/0078.
const REQUIRED: &[(u32, u32)] = &[
    (REVEAL_ITEM_PASSWORD, READ_ITEMS),
    (UPDATE_ITEMS, READ_ITEMS),
    (CREATE_ITEMS, READ_ITEMS),
    (ARCHIVE_ITEMS, READ_ITEMS | REVEAL_ITEM_PASSWORD | UPDATE_ITEMS),
    (DELETE_ITEMS, READ_ITEMS | REVEAL_ITEM_PASSWORD | UPDATE_ITEMS),
    (UPDATE_ITEM_HISTORY, READ_ITEMS | REVEAL_ITEM_PASSWORD),
    (SEND_ITEMS, READ_ITEMS | REVEAL_ITEM_PASSWORD | UPDATE_ITEM_HISTORY),
    (IMPORT_ITEMS, READ_ITEMS | CREATE_ITEMS),
    (EXPORT_ITEMS, READ_ITEMS | REVEAL_ITEM_PASSWORD | UPDATE_ITEM_HISTORY),
    (PRINT_ITEMS, READ_ITEMS | REVEAL_ITEM_PASSWORD | UPDATE_ITEM_HISTORY),
];

/// A permission lacks others that it requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} also needs {}", name(self.permission), names(self.missing))]
pub struct MissingPermissions {
    /// The requested permission.
    pub permission: u32,
    /// The required bits that were not requested.
    pub missing: u32,
}

/// Checks that a set of permissions includes those that each of them requires.
///
/// # Errors
/// [`MissingPermissions`] for the first permission that lacks others.
pub fn check_required(bits: u32) -> Result<(), MissingPermissions> {
    let asked = REQUIRED.iter().filter(|(permission, _)| bits & permission != 0);
    let mut lacking =
        asked.map(|(permission, needed)| (*permission, needed & !bits)).filter(|(_, missing)| *missing != 0);
    lacking.next().map_or(Ok(()), |(permission, missing)| Err(MissingPermissions { permission, missing }))
}

/// Returns the names of the permissions in `bits`, such as `READ_ITEMS and REVEAL_ITEM_PASSWORD`.
#[must_use]
pub fn names(bits: u32) -> String {
    let named: Vec<_> = TABLE.iter().filter(|(_, bit, _)| bits & bit != 0).map(|(name, ..)| *name).collect();
    named.join(" and ")
}

fn name(bit: u32) -> &'static str {
    TABLE.iter().find(|(_, known, _)| *known == bit).map_or("a permission", |(name, ..)| name)
}

/// The grants that people write, and their bits, which include the required permissions.
const GRANTS: &[(&str, u32)] = &[
    ("read_items", READ),
    ("write_items", READ | CREATE_ITEMS | UPDATE_ITEMS | ARCHIVE_ITEMS | DELETE_ITEMS | UPDATE_ITEM_HISTORY),
    ("share_items", READ | UPDATE_ITEM_HISTORY | SEND_ITEMS),
    ("manage_vault", MANAGE_VAULT),
];

const READ: u32 = READ_ITEMS | REVEAL_ITEM_PASSWORD;

/// A grant that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown permission {0:?}: use read_items, write_items, share_items or manage_vault, separated by commas")]
pub struct UnknownGrant(pub String);

/// Returns the bits of a comma-separated list of grants, as in `read_items,write_items`.
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
        assert_eq!(parse_grants("share_items"), Ok(48 | 1024 | 1_048_576));
        assert_eq!(parse_grants("read_items,fly"), Err(UnknownGrant("fly".to_owned())));
        assert_eq!(parse_grants(""), Err(UnknownGrant(String::new())));
    }

    #[test]
    fn missing_required_permissions_are_named() {
        assert_eq!(check_required(NO_ACCESS), Ok(()));
        assert_eq!(check_required(READ_ITEMS | MANAGE_VAULT), Ok(()));
        assert_eq!(check_required(ALL), Ok(()));
        assert_eq!(check_required(READ_ITEMS | CREATE_ITEMS | UPDATE_ITEMS), Ok(()));
        let error = check_required(READ_ITEMS | UPDATE_ITEM_HISTORY).unwrap_err();
        assert_eq!(error.to_string(), "UPDATE_ITEM_HISTORY also needs REVEAL_ITEM_PASSWORD");
        let error = check_required(DELETE_ITEMS | READ_ITEMS).unwrap_err();
        assert_eq!(error.to_string(), "DELETE_ITEMS also needs REVEAL_ITEM_PASSWORD and UPDATE_ITEMS");
    }

    #[test]
    fn grants_lack_nothing() {
        for (name, bits) in GRANTS {
            assert_eq!(check_required(*bits), Ok(()), "{name}");
        }
    }

    #[test]
    fn required_permissions_require_no_others() {
        for (permission, needed) in REQUIRED {
            assert_eq!(check_required(permission | needed), Ok(()), "{}", name(*permission));
        }
    }

    #[test]
    fn the_table_lists_the_constants() {
        assert!(TABLE.contains(&("READ_ITEMS", READ_ITEMS, "Read items.")));
        assert!(TABLE.iter().all(|(_, bits, _)| bits & !ALL == 0));
    }
}

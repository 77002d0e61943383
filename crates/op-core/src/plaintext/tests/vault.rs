//! Vaults of servers that have more types than this program knows.

use op_protocol::{
    json,
    rest::{UpdateVaultRequest, VaultRecord},
};
use serde_json::{Value, json};

use crate::{
    plaintext::vault,
    types::{VaultAccessorType, VaultType},
};

fn record(kind: &str, accessors: &[&str]) -> VaultRecord {
    let access = |kind: &&str| -> Value {
        json!({ "vaultUuid": "v", "accessorType": kind, "accessorUuid": kind, "acl": 32, "leaseTimeout": 0,
                "vaultKeySN": 1, "encryptedBy": "k", "encVaultKey": sealed() })
    };
    let record = json!({
        "uuid": "v", "type": kind, "createdAt": "", "updatedAt": "", "attrVersion": 1, "contentVersion": 1,
        "activeItemCount": 0, "clientAccess": 0, "encAttrs": sealed(),
        "access": accessors.iter().map(access).collect::<Vec<_>>(),
    });
    json::decode(record.to_string().as_bytes()).unwrap()
}

fn sealed() -> Value {
    json!({ "cty": "b5+jwk+json", "kid": "k", "enc": "A256GCM", "iv": "AAAAAAAAAAAAAAAA", "data": "AA" })
}

#[test]
fn unknown_types_are_unsupported_and_unknown_accessors_are_left_out() {
    for (kind, seen) in [
        ("P", VaultType::Personal),
        ("E", VaultType::Everyone),
        ("T", VaultType::Transfer),
        ("U", VaultType::UserCreated),
        ("D", VaultType::Unsupported),
        ("X", VaultType::Unsupported),
        ("", VaultType::Unsupported),
    ] {
        assert_eq!(vault::overview(&record(kind, &[]), None).vault_type, seen, "{kind}");
    }
    let access = vault::access(&record("U", &["group", "robot", "user"]).access.unwrap());
    let seen: Vec<_> = access.iter().map(|each| (each.accessor_type, each.accessor_uuid.as_str())).collect();
    assert_eq!(seen, [(VaultAccessorType::Group, "group"), (VaultAccessorType::User, "user")]);
}

#[test]
fn a_change_of_a_vault_keeps_a_type_that_is_unknown() {
    let VaultRecord { uuid, kind, enc_attrs, attr_version, .. } = record("X", &[]);
    let request = UpdateVaultRequest { uuid, kind, enc_attrs, attr_version };
    assert_eq!(serde_json::to_value(request).unwrap()["type"], "X");
}

//! The scope of a client: what it may use of its account, checked before a request is sent. Only the native build has
//! it, for programs that a person approves. docs/decisions/0074 says what a scope includes.

use std::collections::BTreeSet;

use op_protocol::{
    id::VaultId,
    json,
    rest::{
        CURRENT_SESSION,
        routes::{self, Target},
    },
};
use serde::Deserialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{
    config::Scope,
    error::{Error, ErrorKind, Result},
};

/// Whether a request may be sent.
pub(crate) enum Admission {
    Sent,
    /// Once this share turns out to be within the scope.
    IfShareIsWithin(String),
}

/// Returns whether a request may be sent. `body` is its plaintext, if it has one.
pub(crate) fn admit(scope: &Scope, target: &Target, body: &[u8]) -> Result<Admission> {
    // The agent ends the sessions of programs.
    if target.is_of(&routes::END_SESSION) && target.values().all(|(_, id)| id == CURRENT_SESSION) {
        return Ok(Admission::Sent);
    }
    if scope.read_only && !target.reads {
        return Err(excluded("it includes reading only"));
    }
    let Some(vaults) = &scope.vaults else { return Ok(Admission::Sent) };
    if let Some(vault) = target.vault() {
        check_vault(vaults, vault)?;
        return if target.reads || writes_in_a_vault(target) {
            Ok(Admission::Sent)
        } else {
            Err(excluded("it does not include who may use a vault"))
        };
    }
    if target.is_of(&routes::CREATE_SHARE) {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Share {
            vault_uuid: String,
        }
        let Share { vault_uuid } = json::decode(body).map_err(|_| excluded("the share names no vault"))?;
        return check_vault(vaults, &vault_uuid).map(|()| Admission::Sent);
    }
    if target.is_of(&routes::REVOKE_SHARE) {
        let share = target.values().next().map(|(_, id)| id.to_owned()).unwrap_or_default();
        return Ok(Admission::IfShareIsWithin(share));
    }
    if is_needed(target) {
        return Ok(Admission::Sent);
    }
    Err(excluded("it includes some vaults only, and this is about no vault"))
}

/// Returns an answer without what is outside the scope.
pub(crate) fn within(scope: &Scope, target: &Target, answer: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>> {
    let Some(vaults) = &scope.vaults else { return Ok(answer) };
    let id_of = if is_list_of_vaults(target) {
        "uuid"
    } else if target.is_of(&routes::SHARES) || target.is_of(&routes::SHARE) {
        "vaultUuid"
    } else {
        return Ok(answer);
    };
    let is_within = |record: &Map<String, Value>| {
        record.get(id_of).and_then(Value::as_str).is_some_and(|id| vaults.contains(&VaultId::from_server(id)))
    };
    if target.is_of(&routes::SHARE) {
        let record = serde_json::from_slice(&answer).map_err(|error| unreadable(&error))?;
        return if is_within(&record) { Ok(answer) } else { Err(excluded("the share is in another vault")) };
    }
    let mut records: Vec<Map<String, Value>> = serde_json::from_slice(&answer).map_err(|error| unreadable(&error))?;
    records.retain(is_within);
    serde_json::to_vec(&records).map(Zeroizing::new).map_err(|error| unreadable(&error))
}

/// Returns whether reading and writing in vaults needs the route, although it names no vault.
fn is_needed(target: &Target) -> bool {
    is_list_of_vaults(target)
        || target.is_of(&routes::KEYSETS)
        || target.is_of(&routes::ACCOUNT)
        || target.is_of(&routes::UPLOAD_FILE)
        || target.is_of(&routes::VALIDATE_RECIPIENTS)
        || target.is_of(&routes::SHARES)
        || target.is_of(&routes::SHARE)
}

fn is_list_of_vaults(target: &Target) -> bool {
    target.is_of(&routes::VAULTS) || target.is_of(&routes::ENVIRONMENTS)
}

/// Returns whether the route, which names a vault, writes in it. The others change who may use the vault.
fn writes_in_a_vault(target: &Target) -> bool {
    target.is_of(&routes::CHANGE_ITEMS)
        || target.is_of(&routes::VAULT_ATTRIBUTES)
        || target.is_of(&routes::DELETE_VAULT)
}

fn check_vault(vaults: &BTreeSet<VaultId>, vault: &str) -> Result<()> {
    if vaults.contains(&VaultId::from_server(vault)) {
        return Ok(());
    }
    Err(excluded("it does not include this vault"))
}

fn excluded(why: &str) -> Error {
    Error::new(ErrorKind::PermissionDenied, format_args!("what was approved for this program excludes it: {why}"))
}

fn unreadable(error: &serde_json::Error) -> Error {
    Error::new(
        ErrorKind::InvalidResponse,
        format_args!("a list of the server's is not what the protocol says: {error}"),
    )
}

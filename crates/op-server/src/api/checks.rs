//! Checks of the form of what clients send: people, groups, vaults and accesses. None of them depends on what is
//! stored.

use std::collections::HashSet;

use op_protocol::envelope::{CTY, Envelope, RSA_OAEP};
use op_protocol::id::{VaultId, is_id};
use op_protocol::jwk::A256GCM;
use op_protocol::keyset::MASTER_KEY_ID;
use op_protocol::permissions::ALL;
use op_protocol::rest::{self, CreateVaultRequest, GroupKey, NewGroup, UserState, VaultAccessRecord, VaultType};
use op_protocol::{b64, kdf, srp};

use super::error::{ApiError, Result};
use crate::policy::account::Role;
use crate::policy::limits::{MAX_ITEM, MAX_OVERVIEW};
use crate::store::rows::{NewAccess, NewUser, NewVault, SignIn};

const MAX_NAME: usize = 256;
const MAX_EMAIL: usize = 320;
const MAX_DESCRIPTION: usize = 4_096;
/// How many holders of its key a new group may have.
const MAX_HOLDERS: usize = 1_000;

/// Checks a user that a client made.
pub(super) fn new_user<'a>(
    account: &str,
    user: &'a rest::NewUser,
    role: Role,
    state: UserState,
    can_create_vaults: bool,
) -> Result<NewUser<'a>> {
    let malformed = |member: &str| ApiError::bad_request(format!("the user's {member} is malformed"));
    let email = user.email.to_lowercase();
    let keyset = &user.keyset;
    let keys_formed = is_id(&keyset.uuid)
        && keyset.encrypted_by == MASTER_KEY_ID
        && is_sealed(&keyset.enc_sym_key, A256GCM)
        && is_sealed(&keyset.enc_pri_key, A256GCM)
        && keyset.pub_key.kid == keyset.uuid;
    check_person(&email, &user.name)?;
    let uuid = user.uuid.parse().map_err(|_| malformed("uuid"))?;
    if !keys_formed {
        return Err(malformed("keyset"));
    }
    let credentials = Credentials {
        method: &user.method,
        alg: &user.alg,
        iterations: user.iterations,
        salt: &user.salt,
        secret_key_id: &user.secret_key_id,
        verifier: &user.verifier,
    };
    let salt = credentials.check().map_err(malformed)?;
    Ok(NewUser {
        sign_in: SignIn {
            uuid,
            account_uuid: account.to_owned(),
            role,
            email,
            method: user.method.clone(),
            alg: user.alg.clone(),
            iterations: user.iterations,
            salt,
            secret_key_id: user.secret_key_id.to_ascii_uppercase(),
            verifier: user.verifier.clone(),
            state,
        },
        name: &user.name,
        can_create_vaults,
        keyset,
    })
}

/// What a user signs in with, as a client made it.
pub(super) struct Credentials<'a> {
    pub(super) method: &'a str,
    pub(super) alg: &'a str,
    pub(super) iterations: u32,
    pub(super) salt: &'a str,
    pub(super) secret_key_id: &'a str,
    pub(super) verifier: &'a str,
}

impl Credentials<'_> {
    /// Returns the salt's bytes, or the name of the malformed member.
    pub(super) fn check(&self) -> std::result::Result<Vec<u8>, &'static str> {
        let id = self.secret_key_id;
        let problem = [
            ("method", self.method != kdf::METHOD),
            ("alg", self.alg != kdf::ALG),
            ("iterations", !kdf::ITERATIONS.contains(&self.iterations)),
            ("Secret Key id", id.len() != 6 || !id.bytes().all(|b| b.is_ascii_alphanumeric())),
            ("verifier", srp::Server::new(self.verifier, [1; 32]).is_err()),
        ];
        match problem.iter().find(|(_, wrong)| *wrong) {
            Some((member, _)) => Err(member),
            None => b64::decode(self.salt).ok().filter(|salt| (8..=64).contains(&salt.len())).ok_or("salt"),
        }
    }
}

/// Checks a person's e-mail address and name.
pub(super) fn check_person(email: &str, name: &str) -> Result<()> {
    if !is_email(email) {
        let shown: String = email.chars().take(MAX_EMAIL).collect();
        return Err(ApiError::bad_request(format!("`{}` is not an e-mail address", shown.escape_debug())));
    }
    if !is_name(name) {
        return Err(ApiError::bad_request(format!("the person's name is malformed: {NAME_RULE}")));
    }
    Ok(())
}

pub(super) const NAME_RULE: &str = "a name has 1 to 256 bytes, is not blank, and has no control characters";

/// Whether a text in lower case looks like an e-mail address.
fn is_email(email: &str) -> bool {
    email.len() <= MAX_EMAIL
        && !email.contains(char::is_control)
        && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
}

pub(super) fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= MAX_NAME && !name.contains(char::is_control)
}

/// Checks a group that a client made.
pub(super) fn check_group(group: &NewGroup) -> Result<()> {
    check_texts(&group.name, &group.desc)?;
    let keyset = &group.keyset;
    let formed = is_id(&group.uuid)
        && is_id(&keyset.uuid)
        && keyset.pub_key.kid == keyset.uuid
        && is_sealed(&keyset.enc_pri_key, A256GCM)
        && keyset.enc_pri_key.kid == keyset.uuid
        && group.keys.len() <= MAX_HOLDERS;
    if !formed {
        return Err(ApiError::bad_request("the group's uuid, keyset or keys are malformed"));
    }
    group.keys.iter().try_for_each(|key| check_key(&group.uuid, key))
}

/// Checks a group's key that a client wrapped.
pub(super) fn check_key(group: &str, key: &GroupKey) -> Result<()> {
    if key.group_uuid == group && is_sealed(&key.enc_sym_key, RSA_OAEP) {
        Ok(())
    } else {
        Err(ApiError::bad_request("a wrapped key is malformed, or belongs to another group"))
    }
}

/// Checks a group's name and description.
pub(super) fn check_texts(name: &str, description: &str) -> Result<()> {
    if !is_name(name) {
        return Err(ApiError::bad_request(format!("the group's name is malformed: {NAME_RULE}")));
    }
    if description.len() > MAX_DESCRIPTION || description.contains('\0') {
        let message = format!("the group's description has more than {MAX_DESCRIPTION} bytes, or contains NUL");
        return Err(ApiError::bad_request(message));
    }
    Ok(())
}

/// Checks the personal vault of a new user.
pub(super) fn personal_vault<'a>(account: &'a str, request: &'a CreateVaultRequest) -> Result<NewVault<'a>> {
    if request.kind != VaultType::Personal {
        return Err(ApiError::bad_request("the type of a personal vault must be P"));
    }
    new_vault(account, request)
}

/// Checks a vault that a client made.
pub(super) fn new_vault<'a>(account: &'a str, request: &'a CreateVaultRequest) -> Result<NewVault<'a>> {
    let uuid = request.uuid.parse().ok().filter(|_| is_sealed(&request.enc_attrs, A256GCM));
    let uuid: VaultId = uuid.ok_or_else(|| ApiError::bad_request("the vault's uuid or encAttrs is malformed"))?;
    let access = accesses(&uuid, &request.access)?;
    Ok(NewVault { uuid, account_uuid: account, kind: request.kind, enc_attrs: &request.enc_attrs, access })
}

/// Checks a list of access for one vault. Clients may name an accessor twice; the first entry counts.
pub(super) fn accesses(vault: &VaultId, list: &[VaultAccessRecord]) -> Result<Vec<NewAccess>> {
    let mut seen = HashSet::new();
    let first = list.iter().filter(|access| seen.insert((&access.accessor_type, &access.accessor_uuid)));
    first.map(|access| new_access(vault.clone(), access)).collect()
}

/// Checks an access that a client made.
pub(super) fn new_access(vault: VaultId, access: &VaultAccessRecord) -> Result<NewAccess> {
    let formed = is_id(&access.accessor_uuid) && is_sealed(&access.enc_vault_key, RSA_OAEP);
    let lease = i64::try_from(access.lease_timeout).ok();
    match access.accessor_type.known().zip(lease) {
        Some((accessor_type, lease_timeout))
            if formed && access.vault_uuid == vault.as_str() && access.acl & !ALL == 0 =>
        {
            Ok(NewAccess {
                vault_uuid: vault,
                accessor_type,
                accessor_uuid: access.accessor_uuid.clone(),
                acl: access.acl,
                lease_timeout,
                vault_key_sn: access.vault_key_sn,
                encrypted_by: access.encrypted_by.clone(),
                enc_vault_key: serde_json::to_string(&access.enc_vault_key)
                    .map_err(|error| ApiError::internal(&error))?,
            })
        }
        _ => Err(ApiError::bad_request(format!(
            "the access of `{}` to vault `{vault}` is malformed, or names another vault",
            access.accessor_uuid.escape_debug()
        ))),
    }
}

/// Whether an item's ciphertexts are larger than the server stores.
pub(super) fn is_too_big(overview: &Envelope, details: &Envelope) -> bool {
    overview.data.len() > MAX_OVERVIEW || overview.data.len() + details.data.len() > MAX_ITEM
}

/// Whether this is an envelope of that algorithm. Only clients can find out whether it opens.
pub(super) fn is_sealed(envelope: &Envelope, algorithm: &str) -> bool {
    envelope.cty == CTY && envelope.enc == algorithm && envelope.iv.is_some() == (algorithm == A256GCM)
}

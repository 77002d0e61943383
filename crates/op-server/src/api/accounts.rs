//! Accounts.

use axum::Json;
use axum::extract::{FromRequestParts, State as Shared};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use op_protocol::envelope::A256GCM;
use op_protocol::id::is_id;
use op_protocol::keyset::MASTER_KEY_ID;
use op_protocol::rest::{Account, CreateAccountRequest, Me, NewGroup, NewUser, user_state};
use op_protocol::{b64, kdf, srp};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::error::{ApiError, Result};
use super::extract::{Caller, Plain, Sealed, Source, text};
use super::groups::check_group;
use super::time;
use super::vaults::{Success, is_sealed, new_vault, personal_access, success};
use crate::policy::account::role;
use crate::store::accounts::{NewAccount, NewUser as StoredUser, SignIn};
use crate::{Registration, State};

const SETUP_TOKEN_HEADER: &str = "x-opwire-setup-token";
const MAX_NAME: usize = 256;
const MAX_EMAIL: usize = 320;

/// Proof that the request may create an account; asked for before its body is read.
pub(super) struct Setup;

impl FromRequestParts<State> for Setup {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &State) -> Result<Self> {
        if server.registration == Registration::Closed {
            return Err(ApiError::new(StatusCode::FORBIDDEN, "this server takes no new accounts"));
        }
        // Hashes are of one length, so the comparison tells nothing about the token's.
        let hash = |token: &str| Sha256::digest(token.as_bytes());
        let given = hash(text(&parts.headers, SETUP_TOKEN_HEADER).unwrap_or_default());
        if bool::from(given.ct_eq(&hash(&server.setup_token))) {
            Ok(Self)
        } else {
            Err(ApiError::new(
                StatusCode::UNAUTHORIZED,
                "the header x-opwire-setup-token must hold the server's setup token",
            ))
        }
    }
}

/// `POST /api/opwire/v1/accounts`: an account with its owner, whose keys the client made.
pub(super) async fn create(
    _setup: Setup,
    Shared(server): Shared<State>,
    source: Source,
    Plain(request): Plain<CreateAccountRequest>,
) -> Result<Json<Success>> {
    let account = &request.account;
    let domain_fits = account.domain.as_ref().is_none_or(|domain| is_name(domain));
    if !is_id(&account.uuid) || !is_name(&account.name) || !domain_fits {
        let message = format!("uuid, name or domain of the account is malformed: {NAME_RULE}");
        return Err(ApiError::bad_request(message));
    }
    request.groups.iter().try_for_each(check_group)?;
    let new = NewAccount { uuid: &account.uuid, name: &account.name, domain: account.domain.as_deref() };
    let role = if request.groups.is_empty() { role::OWNER } else { role::MEMBER };
    let owner = new_user(&account.uuid, &request.user, role, user_state::ACTIVE, true)?;
    let access = request.vault.as_ref().map(personal_access).transpose()?.unwrap_or_default();
    let vault = request.vault.as_ref().map(|vault| new_vault(&account.uuid, vault, &access));
    let actor = source.actor(&account.uuid, &request.user.uuid);
    server.store.create_account(&actor, &new, &owner, &request.groups, vault.as_ref()).await?;
    Ok(success())
}

/// `POST /api/opwire/v1/account/groups`: the groups that every account has, for an account that was made without them.
pub(super) async fn create_groups(
    Shared(server): Shared<State>,
    Sealed { caller, body }: Sealed<Vec<NewGroup>>,
) -> Result<Json<Success>> {
    body.iter().try_for_each(check_group)?;
    server.store.create_account_groups(&caller.actor, &body).await?;
    Ok(success())
}

/// Checks a user that a client made.
pub(super) fn new_user<'a>(
    account: &str,
    user: &'a NewUser,
    role: &str,
    state: &str,
    can_create_vaults: bool,
) -> Result<StoredUser<'a>> {
    let malformed = |member: &str| ApiError::bad_request(format!("the user's {member} is malformed"));
    let email = user.email.to_lowercase();
    let keyset = &user.keyset;
    let keys_formed = is_id(&keyset.uuid)
        && keyset.encrypted_by == MASTER_KEY_ID
        && is_sealed(&keyset.enc_sym_key, A256GCM)
        && is_sealed(&keyset.enc_pri_key, A256GCM)
        && keyset.pub_key.kid == keyset.uuid;
    let problem = [("uuid", !is_id(&user.uuid)), ("keyset", !keys_formed)];
    check_person(&email, &user.name)?;
    if let Some((member, _)) = problem.iter().find(|(_, wrong)| *wrong) {
        return Err(malformed(member));
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
    Ok(StoredUser {
        sign_in: SignIn {
            uuid: user.uuid.clone(),
            account_uuid: account.to_owned(),
            role: role.to_owned(),
            email,
            method: user.method.clone(),
            alg: user.alg.clone(),
            iterations: user.iterations,
            salt,
            secret_key_id: user.secret_key_id.to_ascii_uppercase(),
            verifier: user.verifier.clone(),
            state: state.to_owned(),
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
    /// The salt's bytes, or the member that is malformed.
    pub(super) fn check(&self) -> std::result::Result<Vec<u8>, &'static str> {
        let id = self.secret_key_id;
        let problem = [
            ("method", self.method != kdf::METHOD),
            ("alg", self.alg != kdf::ALG),
            ("iterations", self.iterations < kdf::MIN_ITERATIONS),
            ("Secret Key id", id.len() != 6 || !id.bytes().all(|b| b.is_ascii_alphanumeric())),
            ("verifier", srp::Server::new(self.verifier, [1; 32]).is_err()),
        ];
        match problem.iter().find(|(_, wrong)| *wrong) {
            Some((member, _)) => Err(member),
            None => b64::decode(self.salt).ok().filter(|salt| (8..=64).contains(&salt.len())).ok_or("salt"),
        }
    }
}

/// Refuses an e-mail address or a name that cannot be one.
pub(super) fn check_person(email: &str, name: &str) -> Result<()> {
    if !is_email(email) {
        let shown: String = email.chars().take(MAX_EMAIL).collect();
        return Err(ApiError::bad_request(format!("`{}` is no e-mail address", shown.escape_debug())));
    }
    if !is_name(name) {
        return Err(ApiError::bad_request(format!("the name of a person is malformed: {NAME_RULE}")));
    }
    Ok(())
}

pub(super) const NAME_RULE: &str = "a name is 1 to 256 bytes long, not blank, and without control characters";

/// Whether a lower-case e-mail address can be one.
fn is_email(email: &str) -> bool {
    email.len() <= MAX_EMAIL
        && !email.contains(char::is_control)
        && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
}

pub(super) fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= MAX_NAME && !name.contains(char::is_control)
}

/// The official clients read these as URLs; nothing is there.
const NO_URL: &str = "https://opwire.invalid/";
const BUSINESS: &str = "B";
const PERSON: &str = "R";
const SERVICE: &str = "S";

/// `GET /api/v3/account?attrs=me`.
pub(super) async fn show(Shared(server): Shared<State>, caller: Caller) -> Result<Response> {
    let profile = server.store.profile(caller.user()).await?.ok_or_else(|| ApiError::not_found("user"))?;
    let kind = if caller.is_service_account() { SERVICE } else { PERSON };
    caller.seal(&Account {
        uuid: caller.account().to_owned(),
        name: profile.account_name,
        domain: profile.domain,
        kind: BUSINESS.to_owned(),
        state: user_state::ACTIVE.to_owned(),
        avatar: String::new(),
        attr_version: profile.account_version,
        created_at: time::write(profile.account_created_at),
        base_avatar_url: NO_URL.to_owned(),
        base_attachment_url: NO_URL.to_owned(),
        me: Me {
            uuid: caller.user().to_owned(),
            created_at: time::write(profile.user_created_at),
            email: profile.email,
            name: profile.user_name,
            attr_version: profile.user_version,
            state: user_state::ACTIVE.to_owned(),
            kind: kind.to_owned(),
            avatar: String::new(),
            preferences: 0,
        },
    })
}

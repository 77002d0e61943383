//! Accounts.

use axum::Json;
use axum::extract::{FromRequestParts, State as Shared};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use op_protocol::envelope::A256GCM;
use op_protocol::id::is_id;
use op_protocol::keyset::MASTER_KEY_ID;
use op_protocol::rest::{CreateAccountRequest, NewUser};
use op_protocol::{b64, kdf, srp};
use serde::Serialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::error::{ApiError, Result};
use super::extract::{Caller, Plain, text};
use super::time;
use super::vaults::{Success, is_sealed, success};
use crate::state::now;
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
    Plain(request): Plain<CreateAccountRequest>,
) -> Result<Json<Success>> {
    let account = &request.account;
    let domain_fits = account.domain.as_ref().is_none_or(|domain| is_name(domain));
    if !is_id(&account.uuid) || !is_name(&account.name) || !domain_fits {
        return Err(ApiError::bad_request("uuid, name or domain of the account is malformed"));
    }
    let new = NewAccount { uuid: &account.uuid, name: &account.name, domain: account.domain.as_deref() };
    let owner = new_user(&account.uuid, &request.user, "owner", true)?;
    server.store.create_account(&new, &owner, now()).await?;
    Ok(success())
}

/// Checks a user that a client made.
pub(super) fn new_user<'a>(
    account: &str,
    user: &'a NewUser,
    role: &str,
    can_create_vaults: bool,
) -> Result<StoredUser<'a>> {
    let malformed = |member: &str| ApiError::bad_request(format!("the user's {member} is malformed"));
    let email = user.email.to_lowercase();
    let email_formed = email.len() <= MAX_EMAIL
        && !email.contains(char::is_control)
        && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    let salt = b64::decode(&user.salt).ok().filter(|salt| (8..=64).contains(&salt.len()));
    let keyset = &user.keyset;
    let keys_formed = is_id(&keyset.uuid)
        && keyset.encrypted_by == MASTER_KEY_ID
        && is_sealed(&keyset.enc_sym_key, A256GCM)
        && is_sealed(&keyset.enc_pri_key, A256GCM)
        && keyset.pub_key.kid == keyset.uuid;
    let problem = [
        ("uuid", !is_id(&user.uuid)),
        ("e-mail address", !email_formed),
        ("name", !is_name(&user.name)),
        ("method", user.method != kdf::METHOD),
        ("alg", user.alg != kdf::ALG),
        ("iterations", user.iterations < kdf::MIN_ITERATIONS),
        (
            "Secret Key id",
            user.secret_key_id.len() != 6 || !user.secret_key_id.bytes().all(|b| b.is_ascii_alphanumeric()),
        ),
        ("verifier", srp::Server::new(&user.verifier, [1; 32]).is_err()),
        ("keyset", !keys_formed),
    ];
    if let Some((member, _)) = problem.iter().find(|(_, wrong)| *wrong) {
        return Err(malformed(member));
    }
    Ok(StoredUser {
        sign_in: SignIn {
            uuid: user.uuid.clone(),
            account_uuid: account.to_owned(),
            role: role.to_owned(),
            email,
            method: user.method.clone(),
            alg: user.alg.clone(),
            iterations: user.iterations,
            salt: salt.ok_or_else(|| malformed("salt"))?,
            secret_key_id: user.secret_key_id.to_ascii_uppercase(),
            verifier: user.verifier.clone(),
        },
        name: &user.name,
        can_create_vaults,
        keyset,
    })
}

fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= MAX_NAME && !name.contains(char::is_control)
}

/// Answer of `GET /api/v3/account`: what clients need of it, the rest as texts that mean nothing to them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Account<'a> {
    uuid: &'a str,
    name: &'a str,
    domain: Option<&'a str>,
    #[serde(rename = "type")]
    kind: &'a str,
    state: &'a str,
    avatar: &'a str,
    attr_version: u32,
    created_at: String,
    #[serde(rename = "baseAvatarURL")]
    base_avatar_url: &'a str,
    #[serde(rename = "baseAttachmentURL")]
    base_attachment_url: &'a str,
    me: Me<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Me<'a> {
    uuid: &'a str,
    created_at: String,
    email: &'a str,
    name: &'a str,
    attr_version: u32,
    state: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    avatar: &'a str,
    preferences: Preferences,
}

/// An empty object.
#[derive(Serialize)]
struct Preferences {}

const BUSINESS: &str = "B";
const ACTIVE: &str = "A";
const PERSON: &str = "R";
const SERVICE: &str = "S";

/// `GET /api/v3/account?attrs=me`.
pub(super) async fn show(Shared(server): Shared<State>, caller: Caller) -> Result<Response> {
    let profile = server.store.profile(caller.user()).await?.ok_or_else(|| ApiError::not_found("user"))?;
    caller.seal(&Account {
        uuid: caller.account(),
        name: &profile.account_name,
        domain: profile.domain.as_deref(),
        kind: BUSINESS,
        state: ACTIVE,
        avatar: "",
        attr_version: profile.account_version,
        created_at: time::write(profile.account_created_at),
        base_avatar_url: "",
        base_attachment_url: "",
        me: Me {
            uuid: caller.user(),
            created_at: time::write(profile.user_created_at),
            email: &profile.email,
            name: &profile.user_name,
            attr_version: profile.user_version,
            state: ACTIVE,
            kind: if caller.is_service_account() { SERVICE } else { PERSON },
            avatar: "",
            preferences: Preferences {},
        },
    })
}

//! Accounts.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use op_protocol::id::is_id;
use op_protocol::rest::{Account, AccountState, AccountType, CreateAccountRequest, Me, NewGroup, UserState, UserType};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::answer::{Success, success};
use super::checks::{NAME_RULE, check_group, is_name, new_user, personal_vault};
use super::error::{ApiError, Result};
use super::extract::{Caller, Plain, Sealed, Source, text};
use super::time;
use crate::policy::account::Role;
use crate::store::rows::NewAccount;
use crate::{Registration, State};

const SETUP_TOKEN_HEADER: &str = "x-opwire-setup-token";

/// Proof that the request may create an account. It is checked before the body is read.
pub(super) struct Setup;

impl FromRequestParts<State> for Setup {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &State) -> Result<Self> {
        if server.registration == Registration::Closed {
            return Err(ApiError::new(StatusCode::FORBIDDEN, "this server does not accept new accounts"));
        }
        // Hashes have one length, so the time of the comparison does not depend on the token's.
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

/// Creates an account with its owner, whose keys the client made.
pub(super) async fn create(
    _setup: Setup,
    server: State,
    source: Source,
    Plain(request): Plain<CreateAccountRequest>,
) -> Result<Json<Success>> {
    let account = &request.account;
    let domain_fits = account.domain.as_ref().is_none_or(|domain| is_name(domain));
    if !is_id(&account.uuid) || !is_name(&account.name) || !domain_fits {
        let message = format!("the account's uuid, name or domain is malformed: {NAME_RULE}");
        return Err(ApiError::bad_request(message));
    }
    request.groups.iter().try_for_each(check_group)?;
    let new = NewAccount { uuid: &account.uuid, name: &account.name, domain: account.domain.as_deref() };
    let role = if request.groups.is_empty() { Role::Owner } else { Role::Member };
    let owner = new_user(&account.uuid, &request.user, role, UserState::Active, true)?;
    let vault = request.vault.as_ref().map(|vault| personal_vault(&account.uuid, vault)).transpose()?;
    let actor = source.actor(&account.uuid, &owner.sign_in.uuid);
    server.store.create_account(&actor, &new, &owner, &request.groups, vault.as_ref()).await?;
    Ok(success())
}

/// Adds the built-in groups to an account that was created without them.
pub(super) async fn create_groups(
    server: State,
    Sealed { caller, body }: Sealed<Vec<NewGroup>>,
) -> Result<Json<Success>> {
    body.iter().try_for_each(check_group)?;
    server.store.create_account_groups(&caller.actor, &body).await?;
    Ok(success())
}

/// The official clients require URLs here; this one leads nowhere.
const NO_URL: &str = "https://opwire.invalid/";

pub(super) async fn show(server: State, caller: Caller) -> Result<Response> {
    let profile = server.store.profile(caller.user()).await?.ok_or_else(|| ApiError::not_found("user"))?;
    let kind = if caller.is_service_account() { UserType::ServiceAccount } else { UserType::Person };
    caller.seal(&Account {
        uuid: caller.account().to_owned(),
        name: profile.account_name,
        domain: profile.domain,
        kind: AccountType::Business.into(),
        state: AccountState::Active.into(),
        avatar: String::new(),
        attr_version: profile.account_version,
        created_at: time::write(profile.account_created_at),
        base_avatar_url: NO_URL.to_owned(),
        base_attachment_url: NO_URL.to_owned(),
        me: Me {
            uuid: caller.user().to_string(),
            created_at: time::write(profile.user_created_at),
            email: profile.email,
            name: profile.user_name,
            attr_version: profile.user_version,
            state: UserState::Active.into(),
            kind: kind.into(),
            avatar: String::new(),
            preferences: 0,
        },
    })
}

//! Invites. An invited person has no session yet, and shows the invite's secret instead.

use axum::Json;
use axum::response::Response;
use op_protocol::b64;
use op_protocol::id::{InviteId, UserId};
use op_protocol::rest::{
    AcceptInviteRequest, CreateInviteRequest, GroupPublicKey, GroupType, Invite, InviteDetails, OpenInviteRequest,
    UserState,
};
use sha2::{Digest, Sha256};

use super::answer::{Success, public_key, success};
use super::checks::{check_person, new_user, personal_vault};
use super::error::{ApiError, Result};
use super::extract::{Caller, InvitePath, Plain, Sealed, Source, take};
use super::time;
use crate::State;
use crate::policy::account::Role;
use crate::store::rows::{InviteRow, NewInvite};
use crate::system::now;

const DEFAULT_LIFE: u32 = 14 * 24 * 60 * 60;
const LONGEST_LIFE: u32 = 30 * 24 * 60 * 60;
const HASH_BYTES: usize = 32;

pub(super) async fn list(server: State, caller: Caller) -> Result<Response> {
    caller.standing(&server).await?.require_administrator()?;
    let rows = server.store.invites(caller.account()).await?;
    let invites = rows.into_iter().map(|row| Invite {
        uuid: row.uuid,
        email: row.email,
        name: row.name,
        creator_uuid: row.creator_uuid,
        created_at: time::write(row.created_at),
        expires_at: time::write(row.expires_at),
        accepted: row.accepted.is_some(),
        user_uuid: row.user_uuid.map(String::from),
    });
    caller.seal(&invites.collect::<Vec<_>>())
}

pub(super) async fn create(
    server: State,
    Sealed { caller, body }: Sealed<CreateInviteRequest>,
) -> Result<Json<Success>> {
    let email = body.email.to_lowercase();
    let life = body.expires_in.unwrap_or(DEFAULT_LIFE);
    let hash = b64::decode(&body.secret_hash).ok().filter(|hash| hash.len() == HASH_BYTES);
    check_person(&email, &body.name)?;
    let uuid = body.uuid.parse().map_err(|_| ApiError::bad_request("the invite's uuid is not an id"))?;
    if !(1..=LONGEST_LIFE).contains(&life) {
        return Err(ApiError::bad_request(format!("expiresIn is {life}, but must be 1 to {LONGEST_LIFE} seconds")));
    }
    let secret_hash = hash.ok_or_else(|| ApiError::bad_request("secretHash is not a SHA-256 hash in base64url"))?;
    let invite = NewInvite {
        uuid,
        email: &email,
        name: &body.name,
        secret_hash: &secret_hash,
        expires_at: now().saturating_add(life.into()),
        user: body.user_uuid.map(UserId::from_server),
    };
    server.store.create_invite(&caller.actor, &invite).await?;
    Ok(success())
}

pub(super) async fn delete(server: State, caller: Caller, InvitePath { invite }: InvitePath) -> Result<Json<Success>> {
    server.store.delete_invite(&caller.actor, &invite).await?;
    Ok(success())
}

/// What the invited person needs to create their keys.
pub(super) async fn open(
    server: State,
    source: Source,
    InvitePath { invite }: InvitePath,
    Plain(body): Plain<OpenInviteRequest>,
) -> Result<Json<InviteDetails>> {
    let invite = opened(&server, &source, &invite, &body.secret).await?;
    let account_name = server.store.account_name(&invite.account_uuid).await?;
    let groups = server.store.groups(&invite.account_uuid).await?;
    let recovery = groups.into_iter().find(|group| group.kind == GroupType::Recovery);
    let recovery_group = recovery
        .map(|group| Ok::<_, ApiError>(GroupPublicKey { pub_key: public_key(&group.keyset)?, uuid: group.uuid }))
        .transpose()?;
    Ok(Json(InviteDetails {
        account_uuid: invite.account_uuid,
        account_name,
        email: invite.email,
        name: invite.name,
        recovery_group,
        user_uuid: invite.user_uuid.map(String::from),
    }))
}

pub(super) async fn accept(
    server: State,
    source: Source,
    InvitePath { invite }: InvitePath,
    Plain(body): Plain<AcceptInviteRequest>,
) -> Result<Json<Success>> {
    let invite = opened(&server, &source, &invite, &body.secret).await?;
    let account = &invite.account_uuid;
    let user = new_user(account, &body.user, Role::Member, UserState::Pending, true)?;
    if user.sign_in.email != invite.email {
        return Err(ApiError::bad_request(
            "the invite is for another e-mail address: join with the one that was invited",
        ));
    }
    let actor = source.actor(account, &user.sign_in.uuid);
    match (&invite.user_uuid, &body.vault) {
        (Some(person), None) if *person == user.sign_in.uuid => {
            server.store.accept_recovery(&actor, &invite, &body.user).await?;
        }
        (None, Some(vault)) => {
            let vault = personal_vault(account, vault)?;
            server.store.accept_invite(&actor, &invite, &user, &vault).await?;
        }
        (Some(_), _) => return Err(ApiError::bad_request("recovery must keep the person's id and personal vault")),
        (None, None) => return Err(ApiError::bad_request("a new person needs a personal vault")),
    }
    Ok(success())
}

/// Returns the invite if the secret is right. Attempts count as sign-ins.
async fn opened(server: &State, source: &Source, invite: &InviteId, secret: &str) -> Result<InviteRow> {
    take(server, server.limits.sign_ins(), &source.network()).await?;
    let hash = Sha256::digest(secret.as_bytes());
    Ok(server.store.opened_invite(invite, &hash).await?)
}

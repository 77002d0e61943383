//! Shares, for those who make them.

use std::collections::HashSet;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::Response;
use op_protocol::id::{ItemId, VaultId, is_id};
use op_protocol::jwk::A256GCM;
use op_protocol::permissions::MANAGE_VAULT;
use op_protocol::rest::{
    CreateShareRequest, CreateShareResponse, SharePolicy, ShareRecord, ShareState, ShareView,
    ValidateRecipientsRequest, ValidateRecipientsResponse, share_expiry, share_type,
};

use super::answer::{Success, stored, success};
use super::checks::is_sealed;
use super::error::{ApiError, Result};
use super::extract::{Caller, ItemPath, Sealed, SharePath, VaultPath, authority, query_list};
use super::items::permitted;
use super::time;
use crate::State;
use crate::config::is_loopback;
use crate::policy::limits::MAX_ITEM;
use crate::policy::permissions::Rights;
use crate::policy::shares::{MAX_FILES, MAX_RECIPIENTS, allows_recipient, check_policy, is_recipient, without_mail};
use crate::store::shares::{Abilities, SHARE, ShareRow, recipients_of};
use crate::system::now;

/// The most characters of a link's secret, sealed.
pub(super) const MAX_SECRET: usize = 1_024;

/// The address of the page that opens shares.
pub(super) struct PageUrl(String);

impl FromRequestParts<State> for PageUrl {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &State) -> Result<Self> {
        if let Some(url) = &server.share_url {
            return Ok(Self(format!("{}/s", url.as_str())));
        }
        let authority = authority(&parts.uri, &parts.headers)
            .ok_or_else(|| ApiError::bad_request("the request does not name a host"))?;
        let scheme = if is_loopback(authority.host()) { "http" } else { "https" };
        Ok(Self(format!("{scheme}://{authority}/s")))
    }
}

pub(super) async fn preflight(server: State, caller: Caller, ItemPath { vault, item }: ItemPath) -> Result<Response> {
    let found = permitted(server.store.item(&vault, caller.user(), &item).await?, SHARE)?;
    if found.items()?.is_empty() {
        return Err(ApiError::not_found("item"));
    }
    let policy = server.store.share_policy(caller.account(), Some(&vault), server.files.max_size).await?;
    caller.seal(&if server.mailer.is_some() { policy } else { without_mail(policy) })
}

pub(super) async fn validate_recipients(
    server: State,
    Sealed { caller, body }: Sealed<ValidateRecipientsRequest>,
) -> Result<Response> {
    if body.recipients.len() > MAX_RECIPIENTS {
        return Err(ApiError::bad_request(format!("a share can have at most {MAX_RECIPIENTS} recipients")));
    }
    let policy = server.store.share_policy(caller.account(), None, server.files.max_size).await?;
    let mut rejected_recipients = body.recipients;
    rejected_recipients.retain(|recipient| !is_recipient(recipient) || !allows_recipient(&policy, recipient));
    caller.seal(&ValidateRecipientsResponse { rejected_recipients })
}

pub(super) async fn create(
    server: State,
    PageUrl(url): PageUrl,
    Sealed { caller, body: mut request }: Sealed<CreateShareRequest>,
) -> Result<Response> {
    request.recipients = request.recipients.filter(|list| !list.is_empty());
    check(&request)?;
    let abilities = Abilities { max_file_size: server.files.max_size, has_mail: server.mailer.is_some() };
    server.store.create_share(&caller.actor, &request, abilities, now()).await?;
    caller.seal(&CreateShareResponse { url })
}

/// Checks the form of a share, whatever is stored.
fn check(request: &CreateShareRequest) -> Result<()> {
    let content = [&request.enc_overview, &request.enc_details];
    let is_content = content.into_iter().all(|one| is_sealed(one, A256GCM) && one.kid == request.uuid);
    let secret = &request.enc_share_secret;
    let recipients = request.recipients.as_deref().unwrap_or_default();
    let files: HashSet<&str> = request.file_references.iter().map(|file| file.file_uuid.as_str()).collect();
    let is_for_recipients = request.kind == share_type::RECIPIENTS;
    let problems = [
        ("uuid", !is_id(&request.uuid)),
        ("token", !is_id(&request.token)),
        ("passwordProof", request.password_proof.as_ref().is_some_and(|proof| !is_id(proof))),
        ("vaultUuid", !is_id(&request.vault_uuid)),
        ("itemUuid", !is_id(&request.item_uuid)),
        ("encOverview or encDetails: they must be sealed with the share's key", !is_content),
        ("encShareSecret", !is_sealed(secret, A256GCM) || secret.data.len() > MAX_SECRET),
        ("type: it must be A with recipients, or P without", !is_for_recipients && request.kind != share_type::ANYONE),
        ("type: it must be A with recipients, or P without", is_for_recipients == recipients.is_empty()),
        ("recipients: there can be 100, in lower case, each once", !are_recipients(request)),
        ("expiry: it must be 3600, 86400, 604800, 1209600 or 2592000", !share_expiry::ALL.contains(&request.expiry)),
        ("maxViews", request.max_views == Some(0)),
        ("fileReferences", files.len() != request.file_references.len() || files.len() > MAX_FILES),
    ];
    if let Some((member, _)) = problems.iter().find(|(_, wrong)| *wrong) {
        return Err(ApiError::bad_request(format!("the share has a wrong {member}")));
    }
    if request.enc_overview.data.len() + request.enc_details.data.len() > MAX_ITEM {
        return Err(ApiError::bad_request(format!("the item is larger than {MAX_ITEM} characters, sealed")));
    }
    Ok(())
}

fn are_recipients(request: &CreateShareRequest) -> bool {
    let list = request.recipients.as_deref().unwrap_or_default();
    let distinct: HashSet<_> = list.iter().collect();
    list.len() <= MAX_RECIPIENTS && distinct.len() == list.len() && list.iter().all(is_recipient)
}

pub(super) async fn list(server: State, caller: Caller, PageUrl(url): PageUrl, uri: Uri) -> Result<Response> {
    let only = |name: &str| query_list(&uri, name).into_iter().next();
    let (vault, item) = (only("vault").map(VaultId::from_server), only("item").map(ItemId::from_server));
    let rows = server.store.shares(caller.account(), caller.user(), vault.as_ref(), item.as_ref()).await?;
    let now = now();
    caller.seal(&rows.into_iter().map(|row| record(row, &url, now)).collect::<Result<Vec<_>>>()?)
}

pub(super) async fn show(
    server: State,
    caller: Caller,
    PageUrl(url): PageUrl,
    SharePath { share }: SharePath,
) -> Result<Response> {
    let row = server.store.share(caller.account(), caller.user(), &share).await?;
    let row = row.ok_or_else(|| ApiError::not_found("share"))?;
    let views = server.store.views_of(&share).await?.into_iter().map(|view| ShareView {
        at: time::write(view.at),
        email: Some(view.email).filter(|email| !email.is_empty()),
        address: view.address,
    });
    caller.seal(&ShareRecord { views_log: Some(views.collect()), ..record(row, &url, now())? })
}

fn record(row: ShareRow, url: &str, now: i64) -> Result<ShareRecord> {
    let state = match row.state {
        ShareState::Active if row.expires_at <= now => ShareState::Expired,
        state => state,
    };
    let is_active = state == ShareState::Active;
    let envelope = |text: Option<String>| text.filter(|_| is_active).map(|text| stored(&text)).transpose();
    let ended_at = row.ended_at.or((!is_active).then_some(row.expires_at));
    Ok(ShareRecord {
        recipients: recipients_of(row.recipients.as_deref())?,
        enc_overview: envelope(row.enc_overview)?,
        enc_share_secret: envelope(row.enc_share_secret)?,
        uuid: row.uuid,
        vault_uuid: row.vault_uuid,
        item_uuid: row.item_uuid,
        item_version: row.item_version,
        creator_uuid: row.creator_uuid,
        state,
        created_at: time::write(row.created_at),
        expires_at: time::write(row.expires_at),
        ended_at: ended_at.map(time::write),
        max_views: row.max_views.and_then(|most| most.try_into().ok()),
        has_password: row.has_password != 0,
        views: row.views,
        url: url.to_owned(),
        views_log: None,
    })
}

pub(super) async fn revoke(server: State, caller: Caller, SharePath { share }: SharePath) -> Result<Json<Success>> {
    server.store.revoke_share(&caller.actor, &share, now()).await?;
    Ok(success())
}

pub(super) async fn policy(server: State, caller: Caller) -> Result<Response> {
    caller.standing(&server).await?.require_person()?;
    caller.seal(&server.store.share_policy(caller.account(), None, server.files.max_size).await?)
}

pub(super) async fn set_policy(server: State, Sealed { caller, body }: Sealed<SharePolicy>) -> Result<Json<Success>> {
    check_policy(&body)?;
    server.store.set_share_policy(&caller.actor, &body).await?;
    Ok(success())
}

pub(super) async fn vault_policy(server: State, caller: Caller, VaultPath { vault }: VaultPath) -> Result<Response> {
    rights(&server, &caller, &vault).await?.require(MANAGE_VAULT)?;
    caller.seal(&server.store.share_policy(caller.account(), Some(&vault), server.files.max_size).await?)
}

pub(super) async fn set_vault_policy(
    server: State,
    VaultPath { vault }: VaultPath,
    Sealed { caller, body }: Sealed<SharePolicy>,
) -> Result<Json<Success>> {
    check_policy(&body)?;
    server.store.set_vault_share_policy(&caller.actor, &vault, &body, server.files.max_size).await?;
    Ok(success())
}

pub(super) async fn clear_vault_policy(
    server: State,
    caller: Caller,
    VaultPath { vault }: VaultPath,
) -> Result<Json<Success>> {
    server.store.clear_vault_share_policy(&caller.actor, &vault).await?;
    Ok(success())
}

async fn rights(server: &State, caller: &Caller, vault: &VaultId) -> Result<Rights> {
    let found = server.store.vault(vault, caller.user()).await?.ok_or_else(|| ApiError::not_found("vault"))?;
    Ok(Rights(found.access.acl))
}

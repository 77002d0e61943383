//! Changing a vault's key.

use axum::Json;
use axum::http::StatusCode;
use op_protocol::id::is_id;
use op_protocol::jwk::A256GCM;
use op_protocol::rest::{ReencryptedItem, ResealedShare, RotateVaultKeyRequest};

use super::answer::{Success, success};
use super::checks::{accesses, is_sealed, is_too_big};
use super::error::{ApiError, Result};
use super::extract::{Caller, RotationPath, Sealed};
use super::shares::MAX_SECRET;
use crate::State;
use crate::store::rotation::NextKey;

pub(super) async fn put_items(
    server: State,
    RotationPath { vault, key }: RotationPath,
    Sealed { caller, body }: Sealed<Vec<ReencryptedItem>>,
) -> Result<Json<Success>> {
    let formed = |item: &ReencryptedItem| {
        let sealed = [&item.enc_overview, &item.enc_details];
        is_id(&item.uuid) && sealed.into_iter().all(|envelope| is_sealed(envelope, A256GCM) && envelope.kid == key)
    };
    if !body.iter().all(formed) {
        return Err(ApiError::bad_request("an item is malformed, or not sealed with the key of the path"));
    }
    if let Some(item) = body.iter().find(|item| is_too_big(&item.enc_overview, &item.enc_details)) {
        let message = format!("the item {} is too big: shorten its title, tags, websites or notes", item.uuid);
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    server.store.put_aside(&caller.actor, &vault, &key, &body).await?;
    Ok(success())
}

pub(super) async fn finish(
    server: State,
    RotationPath { vault, key }: RotationPath,
    Sealed { caller, body }: Sealed<RotateVaultKeyRequest>,
) -> Result<Json<Success>> {
    if !is_sealed(&body.enc_attrs, A256GCM) || body.enc_attrs.kid != key {
        return Err(ApiError::bad_request("encAttrs is not sealed with the key of the path"));
    }
    let is_resealed = |share: &ResealedShare| {
        let secret = &share.enc_share_secret;
        is_sealed(secret, A256GCM) && secret.kid == key && secret.data.len() <= MAX_SECRET
    };
    if !body.shares.iter().all(is_resealed) {
        return Err(ApiError::bad_request("a share's encShareSecret is not sealed with the key of the path"));
    }
    let access = accesses(&vault, &body.access)?;
    let next = NextKey {
        key: &key,
        enc_attrs: serde_json::to_string(&body.enc_attrs).map_err(|error| ApiError::internal(&error))?,
        attr_version: body.attr_version,
        access_version: body.access_version,
        access: &access,
        shares: &body.shares,
    };
    server.store.rotate_vault_key(&caller.actor, &vault, &next).await?;
    Ok(success())
}

pub(super) async fn abandon(
    server: State,
    caller: Caller,
    RotationPath { vault, key }: RotationPath,
) -> Result<Json<Success>> {
    server.store.drop_put_aside(&caller.actor, &vault, &key).await?;
    Ok(success())
}

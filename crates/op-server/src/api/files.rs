//! Files. They are sealed with keys of their own, so they are sent without the session's seal.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use op_protocol::rest::UploadResponse;

use super::error::{ApiError, Result};
use super::extract::{Caller, FilePath};
use crate::State;
use crate::files::WriteError;
use crate::policy::permissions::READ;
use crate::system::{new_id, now};

/// Stores a ciphertext of any size up to the limit.
pub(super) async fn upload(server: State, caller: Caller, body: Body) -> Result<Response> {
    let id = new_id().map_err(|error| ApiError::internal(&error))?;
    let now = now();
    let expires_at = now.saturating_add_unsigned(server.upload_ttl.as_secs());
    server.store.begin_file(&id, caller.account(), caller.user(), now, expires_at).await?;
    let size = server.files.write(&id, body).await.map_err(|error| match error {
        WriteError::TooLarge => ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("an encrypted file can have at most {} bytes", server.files.max_size),
        ),
        WriteError::Interrupted => ApiError::bad_request("the body did not arrive completely"),
        WriteError::Store(_) => ApiError::internal(&error),
    })?;
    server.store.complete_file(&caller.actor, &id, size.into()).await?;
    let signing_key = server.file_signing_key(&id).to_jwk();
    caller.seal(&UploadResponse { file_id: id, signing_key })
}

/// The ciphertext, for users who may read the item.
pub(super) async fn download(
    server: State,
    caller: Caller,
    FilePath { vault, item, file }: FilePath,
) -> Result<Response> {
    let found = server.store.file(&vault, caller.user(), &item, &file).await?;
    let found = found.ok_or_else(|| ApiError::not_found("vault"))?;
    found.rights.require(READ)?;
    if !found.exists {
        return Err(ApiError::not_found("file"));
    }
    let (size, content) = server.files.read(&file).await.map_err(|error| ApiError::internal(&error))?;
    let headers =
        [(header::CONTENT_TYPE, "application/octet-stream".to_owned()), (header::CONTENT_LENGTH, size.to_string())];
    Ok((headers, content).into_response())
}

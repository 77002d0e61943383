//! Sharing an item.

use op_protocol::{
    envelope::Envelope,
    file::TAG_LENGTH,
    id::VaultId,
    item::{Details, FileAttributes, Overview},
    jwk::SymmetricKey,
    rest::{CreateShareRequest, CreateShareResponse, SharedFile, routes},
    share::LinkSecret,
};
use zeroize::Zeroizing;

use super::{
    policy::{DURATIONS, TYPES},
    recipients, with_password,
};
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    ids,
    items::edits,
    plaintext::share::{for_recipients, of_shown},
    types::{AllowedType, Item, ItemShareAccountPolicy, ItemShareDuration, ItemShareParams},
};

/// Shares an item as it is passed, and returns the link.
pub(crate) async fn create(
    client: &Client,
    item: &Item,
    policy: &ItemShareAccountPolicy,
    params: &ItemShareParams,
) -> Result<String> {
    let vault_id: VaultId = ids::parse_id("item.vaultId", &item.vault_id)?;
    ids::check("item.id", &item.id)?;
    check_files_allowed(policy, item)?;
    let kind = kind(policy, params)?;
    let max_views = max_views(params)?;
    let (overview, details) = content(client, item).await?;
    let files: Vec<_> = details.files().collect();
    check_sizes(policy, &files)?;

    let secret = LinkSecret::new(Zeroizing::new(client.api.connection.random()));
    let (share_key, password_proof) = share_key(client, &secret, params).await?;
    let plaintext = for_recipients(&overview, details);
    let seal = |key: &SymmetricKey, text: &[u8]| Envelope::seal(key, client.api.connection.random(), text);
    let mut vault_key = client.keychain.vault_key_by_id(&vault_id).await?;
    let mut request = CreateShareRequest {
        uuid: secret.uuid(),
        token: secret.token().to_string(),
        vault_uuid: item.vault_id.clone(),
        item_uuid: item.id.clone(),
        item_version: item.version,
        enc_overview: seal(&share_key, &plaintext.overview),
        enc_details: seal(&share_key, &plaintext.details),
        enc_share_secret: seal(&vault_key, secret.fragment().as_bytes()),
        file_references: files
            .iter()
            .map(|file| SharedFile { file_uuid: file.document_id.text().to_owned() })
            .collect(),
        kind: kind.to_owned(),
        expiry: seconds(params.expire_after.unwrap_or(policy.default_expiry)),
        max_views,
        recipients: named_recipients(params).map(|all| all.iter().map(recipients::on_the_wire).collect()),
        password_proof: password_proof.map(|proof| proof.to_string()),
    };
    let target = routes::CREATE_SHARE.at([]);
    loop {
        match client.api.write::<CreateShareResponse>(&target, &request).await {
            Ok(created) => return Ok(format!("{}#{}", created.url, *secret.fragment())),
            Err(error) if error.kind() == ErrorKind::Conflict => {
                // Either the item was changed since it was read, or the vault has another key now.
                let current = client.keychain.rotated_vault_key(&vault_id).await?;
                if current.kid() == vault_key.kid() {
                    return Err(Error::new(ErrorKind::ItemOutdated, "").with_field("item.version"));
                }
                vault_key = current;
                request.enc_share_secret = seal(&vault_key, secret.fragment().as_bytes());
            }
            Err(error) => return Err(error),
        }
    }
}

/// Returns the plaintext to share: what the item shows or, if it has more than that, the stored item with the changes in
/// the passed one.
async fn content(client: &Client, item: &Item) -> Result<(Overview, Details)> {
    if let Some(shown) = of_shown(item, client.now_seconds()) {
        return Ok(shown);
    }
    let stored = edits::begin(client, item).await?;
    Ok((stored.overview, stored.details))
}

/// Returns the recipients; `None` if anyone may open the share.
fn named_recipients(params: &ItemShareParams) -> Option<&[crate::types::ValidRecipient]> {
    params.recipients.as_deref().filter(|recipients| !recipients.is_empty())
}

/// Returns the letter of who the share is for.
fn kind(policy: &ItemShareAccountPolicy, params: &ItemShareParams) -> Result<&'static str> {
    let kind = if named_recipients(params).is_some() { AllowedType::Authenticated } else { AllowedType::Public };
    let letter = TYPES.iter().find(|(known, _)| *known == kind).map(|(_, letter)| *letter);
    letter.filter(|_| policy.allowed_types.contains(&kind)).ok_or_else(|| {
        let reason = match kind {
            AllowedType::Public => "the policy does not allow links that anyone can open: name recipients",
            AllowedType::Authenticated => "the policy does not allow recipients",
        };
        Error::new(ErrorKind::BadInput, "forbidden recipient type").with_reason(reason).with_field("params.recipients")
    })
}

fn max_views(params: &ItemShareParams) -> Result<Option<u32>> {
    let refuse = |problem| Err(Error::new(ErrorKind::BadInput, problem).with_field("params.maxViews"));
    match (params.one_time_only, params.max_views) {
        (_, Some(0)) => {
            refuse("an item that may not be viewed cannot be shared: the number of views has to be at least 1")
        }
        (true, Some(2..)) => refuse("an item that may be viewed only once cannot be viewed more often"),
        (true, _) => Ok(Some(1)),
        (false, views) => Ok(views),
    }
}

fn check_files_allowed(policy: &ItemShareAccountPolicy, item: &Item) -> Result<()> {
    if policy.files.allowed || (item.files.is_empty() && item.document.is_none()) {
        return Ok(());
    }
    let problem = "cannot share items with files. Consult your admin to review account policies.";
    Err(Error::new(ErrorKind::InvalidConfiguration, problem).with_field("item"))
}

fn check_sizes(policy: &ItemShareAccountPolicy, files: &[FileAttributes]) -> Result<()> {
    let tag = TAG_LENGTH as u64;
    let size = |file: &FileAttributes| file.unencrypted_size.get().copied().unwrap_or(0).saturating_add(tag);
    let Some(file) = files.iter().find(|file| size(file) > u64::from(policy.files.max_size)) else { return Ok(()) };
    let (id, longest) = (file.document_id.text(), policy.files.max_size);
    let reason = format_args!("file `{id}` has {} bytes, of which the policy allows {longest}", size(file));
    Err(Error::new(ErrorKind::FileTooBig, "")
        .with_text("failed to acquire file uuids: FileTooLarge")
        .with_reason(reason)
        .with_field("item"))
}

fn seconds(duration: ItemShareDuration) -> u32 {
    DURATIONS.iter().find(|(known, _)| *known == duration).map_or(0, |(_, seconds)| *seconds)
}

/// Returns the key that seals the share and, if there is a password, the proof that it is known.
async fn share_key(
    client: &Client,
    secret: &LinkSecret,
    params: &ItemShareParams,
) -> Result<(SymmetricKey, Option<Zeroizing<String>>)> {
    let Some(password) = params.password.as_deref() else { return Ok((secret.key(), None)) };
    if password.is_empty() {
        let problem = "the password of a share must not be empty: leave it out to share without a password";
        return Err(Error::new(ErrorKind::BadInput, problem).with_field("params.password"));
    }
    let protected = with_password(client.api.connection.host.crypto(), secret, password).await?;
    Ok((protected.key, Some(protected.proof)))
}

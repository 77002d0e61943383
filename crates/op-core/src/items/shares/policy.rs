//! The account's policy for sharing an item.

use op_protocol::{
    id::{ItemId, VaultId},
    rest::{self, recipient_type, routes, share_expiry, share_type},
};

use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    types::{AllowedRecipientType, AllowedType, ItemShareAccountPolicy, ItemShareDuration, ItemShareFiles},
};

/// Who a share may be for, as types and as letters.
pub(super) const TYPES: &[(AllowedType, &str)] =
    &[(AllowedType::Authenticated, share_type::RECIPIENTS), (AllowedType::Public, share_type::ANYONE)];
const RECIPIENT_TYPES: &[(AllowedRecipientType, &str)] =
    &[(AllowedRecipientType::Email, recipient_type::EMAIL), (AllowedRecipientType::Domain, recipient_type::DOMAIN)];
/// Durations, in seconds.
pub(super) const DURATIONS: &[(ItemShareDuration, u32)] = &[
    (ItemShareDuration::OneHour, share_expiry::HOUR),
    (ItemShareDuration::OneDay, share_expiry::DAY),
    (ItemShareDuration::SevenDays, share_expiry::SEVEN_DAYS),
    (ItemShareDuration::FourteenDays, share_expiry::FOURTEEN_DAYS),
    (ItemShareDuration::ThirtyDays, share_expiry::THIRTY_DAYS),
];

/// Returns the policy for an item.
pub(crate) async fn read(client: &Client, vault_id: &VaultId, item_id: &ItemId) -> Result<ItemShareAccountPolicy> {
    let policy: rest::SharePolicy =
        client.api.get(routes::SHARE_PREFLIGHT.at([vault_id.as_str(), item_id.as_str()])).await?;
    Ok(ItemShareAccountPolicy {
        max_expiry: duration(policy.max_expiry)?,
        default_expiry: duration(policy.default_expiry)?,
        max_views: policy.max_views,
        allowed_types: named_all(TYPES, &policy.allowed_types)?,
        allowed_recipient_types: named_all(RECIPIENT_TYPES, &policy.allowed_recipient_types)?,
        files: files(&policy.files)?,
    })
}

fn files(policy: &rest::ShareFilesPolicy) -> Result<ItemShareFiles> {
    let types = policy.allowed_types.as_ref().map(|letters| named_all(TYPES, letters));
    let recipient_types = policy.allowed_recipient_types.as_ref().map(|letters| named_all(RECIPIENT_TYPES, letters));
    Ok(ItemShareFiles {
        allowed: policy.allowed,
        max_size: policy.max_size,
        allowed_types: types.transpose()?,
        allowed_recipient_types: recipient_types.transpose()?,
        max_expiry: policy.max_expiry.map(duration).transpose()?,
        default_expiry: policy.default_expiry.map(duration).transpose()?,
        max_views: policy.max_views,
    })
}

fn duration(seconds: u32) -> Result<ItemShareDuration> {
    named(DURATIONS, &seconds)
}

fn named_all<T: Copy>(table: &[(T, &str)], letters: &[String]) -> Result<Vec<T>> {
    letters.iter().map(|letter| named(table, &letter.as_str())).collect()
}

/// Returns the value with this form on the wire.
fn named<T: Copy, F: PartialEq + std::fmt::Debug>(table: &[(T, F)], form: &F) -> Result<T> {
    let found = table.iter().find(|(_, known)| known == form).map(|(value, _)| *value);
    found.ok_or_else(|| {
        let problem = format_args!("the policy for sharing has a value that is unknown to this version: {form:?}");
        Error::new(ErrorKind::InvalidResponse, problem)
    })
}

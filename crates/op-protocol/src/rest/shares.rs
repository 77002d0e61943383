//! Sharing items: what their sender does, and what the person with the link does.

use serde::{Deserialize, Serialize};

use crate::{closed_set, envelope::Envelope};

/// Who a share is for, as a letter.
pub mod share_type {
    /// The recipients it names.
    pub const RECIPIENTS: &str = "A";
    /// Anyone who has the link.
    pub const ANYONE: &str = "P";
}

/// How a recipient is named, as a letter.
pub mod recipient_type {
    /// By an e-mail address.
    pub const EMAIL: &str = "E";
    /// By the domain of their e-mail address.
    pub const DOMAIN: &str = "D";
}

/// The times that a share may be valid for, in seconds.
pub mod share_expiry {
    /// An hour.
    pub const HOUR: u32 = 3600;
    /// A day.
    pub const DAY: u32 = 24 * HOUR;
    /// Seven days.
    pub const SEVEN_DAYS: u32 = 7 * DAY;
    /// Fourteen days.
    pub const FOURTEEN_DAYS: u32 = 14 * DAY;
    /// Thirty days.
    pub const THIRTY_DAYS: u32 = 30 * DAY;
    /// All of them, from short to long.
    pub const ALL: [u32; 5] = [HOUR, DAY, SEVEN_DAYS, FOURTEEN_DAYS, THIRTY_DAYS];
}

/// The response of `GET /api/v4/itemshare/preflight/{vault}/{item}`, of the routes of policies, and their body: what
/// may be shared, with whom, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SharePolicy {
    /// Letters of [`share_type`]; empty if nothing may be shared.
    pub allowed_types: Vec<String>,
    /// Letters of [`recipient_type`].
    pub allowed_recipient_types: Vec<String>,
    /// One of [`share_expiry::ALL`].
    pub max_expiry: u32,
    /// One of [`share_expiry::ALL`].
    pub default_expiry: u32,
    /// How often each recipient, or anyone if there are none, may view a share; unlimited if absent.
    pub max_views: Option<u32>,
    /// What holds for files.
    pub files: ShareFilesPolicy,
    /// The only e-mail addresses and domains to share with; absent for all. Only policies of this server have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_recipients: Option<Vec<ShareRecipient>>,
}

/// What a [`SharePolicy`] says about files. Absent members are those of the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShareFilesPolicy {
    /// Whether items with files may be shared.
    pub allowed: bool,
    /// The maximum encrypted size of a file, in bytes.
    pub max_size: u32,
    /// As in the policy.
    pub allowed_types: Option<Vec<String>>,
    /// As in the policy.
    pub allowed_recipient_types: Option<Vec<String>>,
    /// As in the policy.
    pub max_expiry: Option<u32>,
    /// As in the policy.
    pub default_expiry: Option<u32>,
    /// As in the policy.
    pub max_views: Option<u32>,
}

/// A recipient.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum ShareRecipient {
    /// The person with this e-mail address, in lower case.
    #[serde(rename = "E")]
    Email {
        /// The address.
        email: String,
    },
    /// Everyone with an e-mail address in this domain, in lower case.
    #[serde(rename = "D")]
    Domain {
        /// The domain.
        domain: String,
    },
}

/// The body of `POST /api/v4/itemshare/validate-recipients`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidateRecipientsRequest {
    /// The recipients.
    pub recipients: Vec<ShareRecipient>,
}

/// Its response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ValidateRecipientsResponse {
    /// The recipients that the account's policy does not allow.
    pub rejected_recipients: Vec<ShareRecipient>,
}

/// The body of `POST /api/v4/itemshare`. The server refuses members that it does not know: an option that is not kept
/// would make the share more open than its sender asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateShareRequest {
    /// The share's id, derived from the secret in the link.
    pub uuid: String,
    /// The token, derived likewise. The server stores its hash.
    pub token: String,
    /// The item's vault.
    pub vault_uuid: String,
    /// The item.
    pub item_uuid: String,
    /// The version of the item that is shared.
    pub item_version: u32,
    /// The overview, sealed with the share's key.
    pub enc_overview: Envelope,
    /// The details, sealed with the share's key.
    pub enc_details: Envelope,
    /// The secret in the link, sealed with the vault's key.
    pub enc_share_secret: Envelope,
    /// The item's files that are shared.
    #[serde(default)]
    pub file_references: Vec<SharedFile>,
    /// A letter of [`share_type`].
    #[serde(rename = "type")]
    pub kind: String,
    /// The time until it expires, one of [`share_expiry::ALL`].
    pub expiry: u32,
    /// How often each recipient, or anyone if there are none, may view it; unlimited if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_views: Option<u32>,
    /// The recipients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipients: Option<Vec<ShareRecipient>>,
    /// The proof of the share's password, see [`SharePassword`](crate::share::SharePassword). The server stores its
    /// hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_proof: Option<String>,
}

/// A file of a shared item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SharedFile {
    /// The id of its ciphertext.
    pub file_uuid: String,
}

/// The response of `POST /api/v4/itemshare`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateShareResponse {
    /// The address of the page that opens shares. The link is this with `#` and the secret.
    pub url: String,
}

closed_set! {
    /// Whether a share can be opened.
    pub enum ShareState {
        /// It can be opened.
        Active = "active",
        /// Its time is over.
        Expired = "expired",
        /// It was viewed as often as it may be.
        Spent = "spent",
        /// Its sender, or somebody who manages the vault, revoked it, or its sender can no longer act.
        Revoked = "revoked",
        /// A recipient ended it.
        Ended = "ended",
    }
}

/// An element of the response of `GET /api/opwire/v1/shares?vault={id}&item={id}`, and the response of `GET
/// /api/opwire/v1/shares/{share}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShareRecord {
    /// The share's id.
    pub uuid: String,
    /// The item's vault.
    pub vault_uuid: String,
    /// The item.
    pub item_uuid: String,
    /// The version of the item that is shared.
    pub item_version: u32,
    /// The user who shared it.
    pub creator_uuid: String,
    /// Whether it can be opened.
    pub state: ShareState,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub expires_at: String,
    /// RFC 3339; absent while it is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// How often each recipient, or anyone if there are none, may view it; unlimited if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_views: Option<u32>,
    /// The recipients; absent for anyone who has the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipients: Option<Vec<ShareRecipient>>,
    /// Whether it has a password.
    pub has_password: bool,
    /// How often it was viewed, by all together.
    pub views: u32,
    /// The overview, sealed with the share's key; absent once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enc_overview: Option<Envelope>,
    /// The secret in the link, sealed with the vault's key; absent once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enc_share_secret: Option<Envelope>,
    /// The address of the page that opens shares.
    pub url: String,
    /// Who viewed it; absent in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views_log: Option<Vec<ShareView>>,
}

/// A view of a share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShareView {
    /// RFC 3339.
    pub at: String,
    /// The verified e-mail address of the recipient; absent if anyone may open the share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The network address that it was opened from.
    pub address: String,
}

/// An element of `shares` in the body of `POST /api/opwire/v1/vaults/{vault}/rotation/{key}`: the secret of a link,
/// sealed with the vault's next key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResealedShare {
    /// The share's id.
    pub uuid: String,
    /// The secret in the link.
    pub enc_share_secret: Envelope,
}

/// What each request of the person with the link has: which share it is about, and from which tab it comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareTicket {
    /// The share's id.
    pub uuid: String,
    /// Its token.
    pub token: String,
    /// 16 random bytes of the tab, as an id. A share that this ticket opened can be opened with it again for 15
    /// minutes, which counts as one view; a verified e-mail address is remembered for it.
    pub ticket: String,
}

/// The response of `POST /api/opwire/v1/share/status`, which spends nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShareStatus {
    /// Whether it can be opened. With a ticket that opened it, a spent share is still active.
    pub state: ShareState,
    /// The name of the person or service account that shared it.
    pub sender: String,
    /// The name of the sender's account.
    pub account: String,
    /// RFC 3339.
    pub expires_at: String,
    /// The server's time, RFC 3339 with milliseconds.
    pub now: String,
    /// Whether a recipient has to prove their e-mail address, and this ticket has not.
    pub needs_email: bool,
    /// Whether a password is needed.
    pub needs_password: bool,
    /// How many views are left for this ticket, before it opens the share; absent if they are unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views_left: Option<u32>,
    /// Whether this ticket has opened it, so that opening it again is not counted.
    pub is_open: bool,
    /// How many files it has.
    pub files: u32,
}

/// The body of `POST /api/opwire/v1/share/code`: asks for a code by e-mail. The response is the same whether or not
/// the address is that of a recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareCodeRequest {
    /// The share and the tab.
    pub share: ShareTicket,
    /// The recipient's e-mail address.
    pub email: String,
}

/// The body of `POST /api/opwire/v1/share/verify`: proves the e-mail address. From then on the ticket is that
/// recipient's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyShareRequest {
    /// The share and the tab.
    pub share: ShareTicket,
    /// The recipient's e-mail address.
    pub email: String,
    /// The six digits.
    pub code: String,
}

/// The body of `POST /api/opwire/v1/share/open`: views the share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenShareRequest {
    /// The share and the tab.
    pub share: ShareTicket,
    /// The proof of the password, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_proof: Option<String>,
}

/// The response of `POST /api/opwire/v1/share/open`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShareContent {
    /// The overview, sealed with the share's key.
    pub enc_overview: Envelope,
    /// The details, sealed with the share's key.
    pub enc_details: Envelope,
    /// The item's category, as the item's `templateUuid`.
    pub template_uuid: String,
    /// RFC 3339.
    pub expires_at: String,
    /// The server's time, RFC 3339 with milliseconds.
    pub now: String,
    /// How many further views are left; absent if they are unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views_left: Option<u32>,
}

//! The audit log.

use serde::{Deserialize, Serialize};

use crate::closed_set;

closed_set! {
    /// The action of an event in the audit log. Newer servers may have more actions.
    pub enum AuditAction {
        /// An account was created.
        AccountCreate = "account.create",
        /// A group was created.
        GroupCreate = "group.create",
        /// A group's name or description was changed.
        GroupUpdate = "group.update",
        /// A group was deleted.
        GroupDelete = "group.delete",
        /// A person became a member of a group.
        GroupAddMember = "group.add-member",
        /// A person was removed from a group.
        GroupRemoveMember = "group.remove-member",
        /// An invite was created, to join or to recover access.
        InviteCreate = "invite.create",
        /// An invite was deleted.
        InviteDelete = "invite.delete",
        /// An invite was accepted.
        InviteAccept = "invite.accept",
        /// An item was created.
        ItemCreate = "item.create",
        /// An item's content was changed.
        ItemUpdate = "item.update",
        /// An item was archived.
        ItemArchive = "item.archive",
        /// An archived item was made active again.
        ItemRestore = "item.restore",
        /// An item was deleted.
        ItemDelete = "item.delete",
        /// A service account was created.
        ServiceAccountCreate = "service-account.create",
        /// A service account got a new token and new keys.
        ServiceAccountRotate = "service-account.rotate",
        /// A service account was revoked.
        ServiceAccountRevoke = "service-account.revoke",
        /// An item was shared.
        ShareCreate = "share.create",
        /// A share was revoked.
        ShareRevoke = "share.revoke",
        /// The policy for sharing of the account or of a vault was changed.
        SharePolicyUpdate = "share-policy.update",
        /// A user signed in.
        SessionStart = "session.start",
        /// A person who accepted an invite was confirmed.
        UserConfirm = "user.confirm",
        /// A person who accepted an invite was rejected.
        UserReject = "user.reject",
        /// A person was suspended.
        UserSuspend = "user.suspend",
        /// A suspended person was reactivated.
        UserReactivate = "user.reactivate",
        /// A person's recovery was completed.
        UserRecover = "user.recover",
        /// A person changed their password, their Secret Key, or both.
        UserChangePassword = "user.change-password",
        /// A vault was created.
        VaultCreate = "vault.create",
        /// A vault's attributes were changed.
        VaultUpdate = "vault.update",
        /// A vault was deleted.
        VaultDelete = "vault.delete",
        /// A person left a vault.
        VaultLeave = "vault.leave",
        /// A vault that nobody managed was deleted by an owner of the account.
        VaultRemove = "vault.remove",
        /// A user or a group got access to a vault.
        VaultGrant = "vault.grant",
        /// A group's permissions in a vault were changed.
        VaultChangeAccess = "vault.change-access",
        /// A user's or a group's access to a vault was revoked.
        VaultRevoke = "vault.revoke",
        /// A vault's key was replaced.
        VaultRotateKey = "vault.rotate-key",
    }
}

/// The response of `GET /api/opwire/v1/audit?limit=100&before={id}`, with the newest event first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The events.
    pub events: Vec<AuditEvent>,
    /// The value of `before` for the next page; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A change, or a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// The event's id. Ids are ordered by time.
    pub id: String,
    /// RFC 3339.
    pub at: String,
    /// The user who did it. For a new account or an accepted invite, this is the new user.
    pub actor_uuid: String,
    /// The action: the text of an [`AuditAction`], such as `vault.grant`.
    pub action: String,
    /// The id of the object of the action: a vault, item, group, user, service account, invite or session.
    pub object_uuid: String,
    /// The other object that the action is about, such as the group that got access, or the vault of an item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_uuid: Option<String>,
    /// The permissions that were granted, if the action grants permissions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acl: Option<u32>,
    /// The address from which the request came.
    pub address: String,
    /// The id of the request in the server's log.
    pub request_id: String,
}

//! An account with its groups, and how people join it.

use op_protocol::b64;
use op_protocol::envelope::Envelope;
use op_protocol::jwk::RsaPublicKey;
use op_protocol::permissions::ALL;
use op_protocol::rest::{AccessorType, GroupKey, GroupKeyset, GroupType, NewGroup, Recovery, VaultAccessRecord};
use op_testkit::TestServer;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Answer, Client, Person, new_id, post, post_account_at, random, sealed};

pub(crate) const INVITES: &str = "/api/opwire/v1/invites";
pub(crate) const GROUPS: &str = "/api/opwire/v1/groups";

/// An account with groups on a server, and its first owner.
pub(crate) struct Team {
    pub(crate) owner: Client,
    pub(crate) owners: NewGroup,
    pub(crate) administrators: NewGroup,
    pub(crate) recovery: NewGroup,
    pub(crate) members: NewGroup,
}

/// A group whose key these hold.
pub(crate) fn new_group(kind: GroupType, holders: &[&Person]) -> NewGroup {
    let (uuid, keys) = (new_id(), new_id());
    let pub_key = RsaPublicKey {
        kty: "RSA".to_owned(),
        n: b64::encode(&random::<256>()),
        e: "AQAB".to_owned(),
        alg: "RSA-OAEP".to_owned(),
        kid: keys.clone(),
        ext: None,
        key_ops: None,
    };
    let keyset = GroupKeyset { enc_pri_key: sealed(&keys, "private key"), uuid: keys, sn: 1, pub_key };
    let mut group =
        NewGroup { uuid, kind, name: format!("group {kind}"), desc: String::new(), keyset, keys: Vec::new() };
    group.keys = holders.iter().map(|person| member_key(&group, person)).collect();
    group
}

/// A group's key, wrapped for a person.
pub(crate) fn member_key(group: &NewGroup, person: &Person) -> GroupKey {
    wrapped(group, AccessorType::User, &person.user.uuid, &person.user.keyset.uuid)
}

/// A group's key, wrapped for another group.
pub(crate) fn custodian_key(group: &NewGroup, holder: &NewGroup) -> GroupKey {
    wrapped(group, AccessorType::Group, &holder.uuid, &holder.keyset.uuid)
}

fn wrapped(group: &NewGroup, kind: AccessorType, holder: &str, keyset: &str) -> GroupKey {
    GroupKey {
        group_uuid: group.uuid.clone(),
        holder_type: kind,
        holder_uuid: holder.to_owned(),
        encrypted_by: keyset.to_owned(),
        enc_sym_key: Envelope::rsa(keyset, b"group key"),
    }
}

/// A group's access to a vault.
pub(crate) fn group_access(group: &NewGroup, vault: &str, acl: u32) -> VaultAccessRecord {
    VaultAccessRecord {
        vault_uuid: vault.to_owned(),
        accessor_type: AccessorType::Group.into(),
        accessor_uuid: group.uuid.clone(),
        acl,
        lease_timeout: 0,
        vault_key_sn: 1,
        encrypted_by: group.keyset.uuid.clone(),
        enc_vault_key: Envelope::rsa(&group.keyset.uuid, b"vault key"),
        access_version: None,
    }
}

/// The types of the groups that an account has from its start.
pub(crate) const BUILT_IN: [GroupType; 4] =
    [GroupType::Owners, GroupType::Administrators, GroupType::Recovery, GroupType::TeamMembers];

/// The personal vault of a person.
pub(crate) fn personal_vault(person: &Person, recovery: Option<&NewGroup>) -> Value {
    let vault = new_id();
    let mut access = vec![person.access(&vault, ALL)];
    access.extend(recovery.map(|group| group_access(group, &vault, 1)));
    json!({"uuid": vault, "type": "P", "encAttrs": sealed("vault-key", "personal"), "access": access})
}

/// The description of an account with groups.
pub(crate) fn account_body(owner: &Person, groups: &[&NewGroup], recovery: &NewGroup) -> Value {
    json!({
        "account": {"uuid": new_id(), "name": "Acme"}, "user": owner.user,
        "groups": groups, "vault": personal_vault(owner, Some(recovery)),
    })
}

impl Team {
    /// Makes the account and signs its owner in.
    pub(crate) async fn on(server: &TestServer) -> Self {
        Self::at(&server.url, &server.setup_token).await
    }

    pub(crate) async fn at(base: &str, setup_token: &str) -> Self {
        let person = Person::new("owner");
        let [owners, administrators, recovery, members] = BUILT_IN.map(|kind| new_group(kind, &[&person]));
        let body = account_body(&person, &[&owners, &administrators, &recovery, &members], &recovery);
        post_account_at(base, setup_token, &body).await.succeeded();
        let owner = Client::sign_in(base, &person).await;
        Self { owner, owners, administrators, recovery, members }
    }

    /// Invites a person, who joins, is confirmed and signs in.
    pub(crate) async fn join(&self, name: &str) -> Client {
        Client::sign_in(&self.owner.base, &self.add(name).await).await
    }

    /// Invites a person, who joins and is confirmed.
    pub(crate) async fn add(&self, name: &str) -> Person {
        let person = Person::new(name);
        let secret = invite(&self.owner, &person).await;
        accept(&self.owner.base, &secret, &person, Some(&self.recovery)).await.succeeded();
        self.confirm(&person).await.succeeded();
        person
    }

    pub(crate) async fn confirm(&self, person: &Person) -> Answer {
        let path = format!("/api/opwire/v1/users/{}/confirm", person.user.uuid);
        self.owner.post(&path, &json!([member_key(&self.members, person)])).await
    }

    /// A person who joined and is an administrator.
    pub(crate) async fn administrator(&self, name: &str) -> Client {
        let client = self.join(name).await;
        add_member(&self.owner, &self.administrators, &client.person).await.succeeded();
        client
    }

    /// What completes the recovery that a person has accepted.
    pub(crate) async fn completion(&self, new: &Person) -> Value {
        let recovery: Recovery = self.owner.read(&recovery_route(new)).await;
        let keyset = &new.user.keyset.uuid;
        let anew = |access: &VaultAccessRecord| VaultAccessRecord {
            encrypted_by: keyset.clone(),
            enc_vault_key: Envelope::rsa(keyset, b"the same vault key"),
            ..access.clone()
        };
        let vaults: Vec<_> = recovery.vaults.iter().map(|vault| anew(&vault.access)).collect();
        let groups = [&self.members, &self.administrators, &self.recovery, &self.owners].into_iter();
        let groups = groups.filter(|group| recovery.group_uuids.contains(&group.uuid));
        let groups: Vec<_> = groups.map(|group| member_key(group, new)).collect();
        json!({"vaults": vaults, "groups": groups})
    }

    /// A group that somebody made, with these members.
    pub(crate) async fn make_group(&self, members: &[&Person]) -> NewGroup {
        let mut group = new_group(GroupType::UserDefined, members);
        group.keys.push(custodian_key(&group, &self.administrators));
        self.owner.post(GROUPS, &json!(group)).await.succeeded();
        group
    }
}

/// The id and the secret of an invite.
pub(crate) struct Secret {
    pub(crate) invite: String,
    pub(crate) text: String,
}

pub(crate) fn invite_body(person: &Person, secret: &Secret) -> Value {
    let hash = b64::encode(&Sha256::digest(secret.text.as_bytes()));
    json!({"uuid": secret.invite, "email": person.user.email, "name": person.user.name, "secretHash": hash})
}

pub(crate) async fn invite(administrator: &Client, person: &Person) -> Secret {
    let secret = Secret { invite: new_id(), text: b64::encode(&random::<32>()) };
    administrator.post(INVITES, &invite_body(person, &secret)).await.succeeded();
    secret
}

pub(crate) async fn open_invite(base: &str, secret: &Secret) -> Answer {
    post(base, &format!("{INVITES}/{}", secret.invite), None, &json!({"secret": secret.text})).await
}

pub(crate) async fn accept(base: &str, secret: &Secret, person: &Person, recovery: Option<&NewGroup>) -> Answer {
    let body = json!({"secret": secret.text, "user": person.user, "vault": personal_vault(person, recovery)});
    post(base, &format!("{INVITES}/{}/accept", secret.invite), None, &body).await
}

/// The person with new secrets and keys.
pub(crate) fn renewed(person: &Person) -> Person {
    let mut new = Person::new(&person.user.name);
    (new.user.uuid, new.user.email) = (person.user.uuid.clone(), person.user.email.clone());
    new
}

pub(crate) fn recovery_body(person: &Person, secret: &Secret) -> Value {
    let mut body = invite_body(person, secret);
    body["userUuid"] = json!(person.user.uuid);
    body
}

/// Invites a person back in.
pub(crate) async fn begin_recovery(administrator: &Client, person: &Person) -> Secret {
    let secret = Secret { invite: new_id(), text: b64::encode(&random::<32>()) };
    administrator.post(INVITES, &recovery_body(person, &secret)).await.succeeded();
    secret
}

/// Accepts a recovery with new keys.
pub(crate) async fn accept_recovery(base: &str, secret: &Secret, new: &Person) -> Answer {
    let body = json!({"secret": secret.text, "user": new.user});
    post(base, &format!("{INVITES}/{}/accept", secret.invite), None, &body).await
}

pub(crate) fn recovery_route(person: &Person) -> String {
    format!("/api/opwire/v1/users/{}/recovery", person.user.uuid)
}

pub(crate) async fn add_member(client: &Client, group: &NewGroup, person: &Person) -> Answer {
    let path = format!("{GROUPS}/{}/members/{}", group.uuid, person.user.uuid);
    client.put(&path, &json!(member_key(group, person))).await
}

pub(crate) async fn remove_member(client: &Client, group: &NewGroup, person: &Person) -> Answer {
    client.delete(&format!("{GROUPS}/{}/members/{}", group.uuid, person.user.uuid)).await
}

impl Client {
    /// Gives access to a vault.
    pub(crate) async fn grant(&self, vault: &str, access: &[VaultAccessRecord]) -> Answer {
        let path = format!("/api/v2/vault/{vault}/vaultaccess");
        self.send(Method::PATCH, &path, Some(&json!({"vaultaccess": access}))).await
    }

    /// Makes a vault with these further accesses.
    pub(crate) async fn make_vault_for(&self, vault: &str, others: &[VaultAccessRecord]) -> Answer {
        let mut access = vec![self.person.access(vault, ALL)];
        access.extend_from_slice(others);
        let body = json!({"uuid": vault, "type": "U", "encAttrs": sealed("vault-key", "attributes"), "access": access});
        self.post("/api/v2/vault", &body).await
    }
}

-- Groups and the people in them, invites, keys that are being changed, and the audit log.

-- What a person may do in the account comes from its groups. 'owner' is the first user of an account that has none.
ALTER TABLE users ADD COLUMN new_role TEXT NOT NULL DEFAULT 'member' CHECK (new_role IN ('owner', 'member', 'service'));
UPDATE users SET new_role = role;
ALTER TABLE users DROP COLUMN role;
ALTER TABLE users RENAME COLUMN new_role TO role;
-- Active, pending (joined, not confirmed), suspended, deleted.
ALTER TABLE users ADD COLUMN state TEXT NOT NULL DEFAULT 'A' CHECK (state IN ('A', 'P', 'S', 'D'));
CREATE INDEX users_by_account ON users (account_uuid);

CREATE TABLE account_groups (
    uuid         TEXT PRIMARY KEY,
    account_uuid TEXT NOT NULL REFERENCES accounts (uuid),
    type         TEXT NOT NULL CHECK (type IN ('O', 'A', 'R', 'M', 'U')),
    name         TEXT NOT NULL,
    description  TEXT NOT NULL,
    state        TEXT NOT NULL DEFAULT 'A' CHECK (state IN ('A', 'D')),
    keyset_uuid  TEXT NOT NULL UNIQUE,
    keyset       TEXT NOT NULL, -- public key and sealed private key
    attr_version INTEGER NOT NULL DEFAULT 1,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX groups_by_account ON account_groups (account_uuid);
-- One each of those that an account has from its start.
CREATE UNIQUE INDEX groups_of_accounts ON account_groups (account_uuid, type) WHERE type <> 'U';

-- A group's key, wrapped for each holder. A user who holds it is a member; a group that holds it can add members.
CREATE TABLE group_keys (
    group_uuid   TEXT NOT NULL REFERENCES account_groups (uuid),
    holder_type  TEXT NOT NULL CHECK (holder_type IN ('user', 'group')),
    holder_uuid  TEXT NOT NULL,
    encrypted_by TEXT NOT NULL,
    enc_sym_key  TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (group_uuid, holder_type, holder_uuid)
) STRICT;
CREATE INDEX group_keys_by_holder ON group_keys (holder_uuid, holder_type);

-- Each way in which an active user has access to a vault: by itself, or through an active group. The permission to
-- recover a vault (1) opens none by itself.
CREATE VIEW user_access AS
    SELECT u.uuid AS user_uuid, a.vault_uuid, a.accessor_type, a.accessor_uuid, a.acl, a.lease_timeout, a.vault_key_sn,
           a.encrypted_by, a.enc_vault_key
    FROM vault_access a JOIN users u ON u.uuid = a.accessor_uuid
    WHERE a.accessor_type = 'user' AND a.acl > 1 AND u.state = 'A'
    UNION ALL
    SELECT u.uuid, a.vault_uuid, a.accessor_type, a.accessor_uuid, a.acl, a.lease_timeout, a.vault_key_sn,
           a.encrypted_by, a.enc_vault_key
    FROM group_keys k
    JOIN users u ON u.uuid = k.holder_uuid
    JOIN account_groups g ON g.uuid = k.group_uuid
    JOIN vault_access a ON a.accessor_uuid = k.group_uuid
    WHERE k.holder_type = 'user' AND a.accessor_type = 'group' AND a.acl > 1 AND u.state = 'A' AND g.state = 'A';

CREATE TABLE invites (
    uuid         TEXT PRIMARY KEY,
    account_uuid TEXT NOT NULL REFERENCES accounts (uuid),
    email        TEXT NOT NULL,
    name         TEXT NOT NULL,
    secret_hash  BLOB NOT NULL,
    creator_uuid TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    UNIQUE (account_uuid, email)
) STRICT;

-- Items under a vault's next key, until it takes the place of the present one.
CREATE TABLE reencrypted_items (
    vault_uuid   TEXT NOT NULL REFERENCES vaults (uuid),
    key_uuid     TEXT NOT NULL,
    item_uuid    TEXT NOT NULL,
    item_version INTEGER NOT NULL,
    enc_overview TEXT NOT NULL,
    enc_details  TEXT NOT NULL,
    PRIMARY KEY (vault_uuid, key_uuid, item_uuid)
) STRICT;

-- Who changed what, when and from where. No secret, name or ciphertext.
CREATE TABLE audit (
    id           TEXT PRIMARY KEY, -- grows with time
    account_uuid TEXT NOT NULL REFERENCES accounts (uuid),
    at           INTEGER NOT NULL,
    actor_uuid   TEXT NOT NULL,
    action       TEXT NOT NULL,
    object_uuid  TEXT NOT NULL,
    other_uuid   TEXT,
    acl          INTEGER,
    address      TEXT NOT NULL,
    request_id   TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_account ON audit (account_uuid, id);

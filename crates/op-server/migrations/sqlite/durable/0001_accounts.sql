-- What a client was told is stored: accounts, their people and machines, vaults and items.
-- Times are Unix seconds. Columns named enc_* hold ciphertext envelopes as JSON text; no column holds a key or plaintext.

CREATE TABLE server_secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    uuid         TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    domain       TEXT,
    attr_version INTEGER NOT NULL DEFAULT 1,
    created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    uuid              TEXT PRIMARY KEY,
    account_uuid      TEXT NOT NULL REFERENCES accounts (uuid),
    role              TEXT NOT NULL CHECK (role IN ('owner', 'service')),
    can_create_vaults INTEGER NOT NULL,
    email             TEXT NOT NULL UNIQUE,
    name              TEXT NOT NULL,
    method            TEXT NOT NULL,
    alg               TEXT NOT NULL,
    iterations        INTEGER NOT NULL,
    salt              BLOB NOT NULL,
    secret_key_id     TEXT NOT NULL,
    verifier          TEXT NOT NULL,
    attr_version      INTEGER NOT NULL DEFAULT 1,
    created_at        INTEGER NOT NULL
) STRICT;

CREATE TABLE keysets (
    uuid       TEXT PRIMARY KEY,
    user_uuid  TEXT NOT NULL REFERENCES users (uuid),
    sn         INTEGER NOT NULL,
    body       TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX keysets_by_user ON keysets (user_uuid, sn);

CREATE TABLE vaults (
    uuid              TEXT PRIMARY KEY,
    account_uuid      TEXT NOT NULL REFERENCES accounts (uuid),
    type              TEXT NOT NULL,
    enc_attrs         TEXT NOT NULL,
    attr_version      INTEGER NOT NULL DEFAULT 1,
    content_version   INTEGER NOT NULL DEFAULT 1,
    access_version    INTEGER NOT NULL DEFAULT 1,
    active_item_count INTEGER NOT NULL DEFAULT 0,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL
) STRICT;

CREATE TABLE vault_access (
    vault_uuid    TEXT NOT NULL REFERENCES vaults (uuid),
    accessor_type TEXT NOT NULL CHECK (accessor_type IN ('user', 'group')),
    accessor_uuid TEXT NOT NULL,
    acl           INTEGER NOT NULL,
    lease_timeout INTEGER NOT NULL,
    vault_key_sn  INTEGER NOT NULL,
    encrypted_by  TEXT NOT NULL,
    enc_vault_key TEXT NOT NULL,
    PRIMARY KEY (vault_uuid, accessor_type, accessor_uuid)
) STRICT;
CREATE INDEX vault_access_by_accessor ON vault_access (accessor_uuid, accessor_type);

-- enc_details stands last: listing overviews then never reads its overflow pages.
CREATE TABLE items (
    vault_uuid    TEXT NOT NULL REFERENCES vaults (uuid),
    uuid          TEXT NOT NULL,
    template_uuid TEXT NOT NULL,
    item_version  INTEGER NOT NULL,
    trashed       TEXT NOT NULL CHECK (trashed IN ('N', 'Y', 'D')),
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    changer_uuid  TEXT NOT NULL,
    encrypted_by  TEXT NOT NULL,
    enc_overview  TEXT NOT NULL,
    enc_details   TEXT NOT NULL,
    PRIMARY KEY (vault_uuid, uuid)
) STRICT;
CREATE INDEX active_items ON items (vault_uuid) WHERE trashed = 'N';

-- What migrations/sqlite holds in two databases. Numbers are BIGINT throughout: the server binds all of them as such.

CREATE TABLE server_secrets (
    name  TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE accounts (
    uuid         TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    domain       TEXT,
    attr_version BIGINT NOT NULL DEFAULT 1,
    created_at   BIGINT NOT NULL
);

CREATE TABLE users (
    uuid              TEXT PRIMARY KEY,
    account_uuid      TEXT NOT NULL REFERENCES accounts (uuid),
    role              TEXT NOT NULL CHECK (role IN ('owner', 'service')),
    can_create_vaults BIGINT NOT NULL,
    email             TEXT NOT NULL UNIQUE,
    name              TEXT NOT NULL,
    method            TEXT NOT NULL,
    alg               TEXT NOT NULL,
    iterations        BIGINT NOT NULL,
    salt              BYTEA NOT NULL,
    secret_key_id     TEXT NOT NULL,
    verifier          TEXT NOT NULL,
    attr_version      BIGINT NOT NULL DEFAULT 1,
    created_at        BIGINT NOT NULL
);

CREATE TABLE keysets (
    uuid       TEXT PRIMARY KEY,
    user_uuid  TEXT NOT NULL REFERENCES users (uuid),
    sn         BIGINT NOT NULL,
    body       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX keysets_by_user ON keysets (user_uuid, sn);

CREATE TABLE vaults (
    uuid              TEXT PRIMARY KEY,
    account_uuid      TEXT NOT NULL REFERENCES accounts (uuid),
    type              TEXT NOT NULL,
    enc_attrs         TEXT NOT NULL,
    attr_version      BIGINT NOT NULL DEFAULT 1,
    content_version   BIGINT NOT NULL DEFAULT 1,
    access_version    BIGINT NOT NULL DEFAULT 1,
    active_item_count BIGINT NOT NULL DEFAULT 0,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL
);

CREATE TABLE vault_access (
    vault_uuid    TEXT NOT NULL REFERENCES vaults (uuid),
    accessor_type TEXT NOT NULL CHECK (accessor_type IN ('user', 'group')),
    accessor_uuid TEXT NOT NULL,
    acl           BIGINT NOT NULL,
    lease_timeout BIGINT NOT NULL,
    vault_key_sn  BIGINT NOT NULL,
    encrypted_by  TEXT NOT NULL,
    enc_vault_key TEXT NOT NULL,
    PRIMARY KEY (vault_uuid, accessor_type, accessor_uuid)
);
CREATE INDEX vault_access_by_accessor ON vault_access (accessor_uuid, accessor_type);

CREATE TABLE items (
    vault_uuid    TEXT NOT NULL REFERENCES vaults (uuid),
    uuid          TEXT NOT NULL,
    template_uuid TEXT NOT NULL,
    item_version  BIGINT NOT NULL,
    trashed       TEXT NOT NULL CHECK (trashed IN ('N', 'Y', 'D')),
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    changer_uuid  TEXT NOT NULL,
    encrypted_by  TEXT NOT NULL,
    enc_overview  TEXT NOT NULL,
    enc_details   TEXT NOT NULL,
    PRIMARY KEY (vault_uuid, uuid)
);
CREATE INDEX active_items ON items (vault_uuid) WHERE trashed = 'N';
-- Ciphertext does not compress: trying costs time only.
ALTER TABLE items ALTER COLUMN enc_overview SET STORAGE EXTERNAL, ALTER COLUMN enc_details SET STORAGE EXTERNAL;

-- Unlogged: they do not wait for the disk, and are empty after a crash.
CREATE UNLOGGED TABLE sessions (
    id            TEXT PRIMARY KEY,
    state         TEXT NOT NULL CHECK (state IN ('started', 'keyed', 'proving', 'confirmed', 'complete')),
    login_key     TEXT NOT NULL,
    user_uuid     TEXT,
    account_uuid  TEXT,
    role          TEXT,
    client_public TEXT,
    server_secret BYTEA,
    session_key   BYTEA,
    expires_at    BIGINT NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_user ON sessions (user_uuid);

CREATE UNLOGGED TABLE counters (
    name    TEXT NOT NULL,
    ends_at BIGINT NOT NULL,
    count   BIGINT NOT NULL,
    PRIMARY KEY (name, ends_at)
);

-- SQLite's function for a bound JSON list of texts, so that one query serves both.
CREATE FUNCTION json_each(list TEXT) RETURNS TABLE (value TEXT) LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS 'SELECT json_array_elements_text(list::json)';

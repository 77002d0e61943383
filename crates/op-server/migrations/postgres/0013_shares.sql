-- What migrations/sqlite/durable/0013_shares.sql and volatile/0004_share_codes.sql do.

-- Shared items. A share is a copy of its own, which outlives its item and its vault, so it refers to neither.

CREATE TABLE shares (
    uuid             TEXT PRIMARY KEY,
    account_uuid     TEXT NOT NULL REFERENCES accounts (uuid),
    vault_uuid       TEXT NOT NULL,
    item_uuid        TEXT NOT NULL,
    item_version     BIGINT NOT NULL,
    template_uuid    TEXT NOT NULL,
    creator_uuid     TEXT NOT NULL REFERENCES users (uuid),
    state            TEXT NOT NULL CHECK (state IN ('active', 'expired', 'spent', 'revoked', 'ended')),
    token_hash       BYTEA NOT NULL,
    proof_hash       BYTEA,          -- null without a password
    wrong_proofs     BIGINT NOT NULL DEFAULT 0, -- in the hour that begins at wrong_since
    wrong_since      BIGINT NOT NULL DEFAULT 0,
    recipients       TEXT,          -- JSON; null for anyone who has the link
    max_views        BIGINT,       -- of each recipient, or of all if there are none
    views            BIGINT NOT NULL DEFAULT 0,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    ended_at         BIGINT,       -- null while it is active
    -- Null once the share has ended and nobody has it open.
    enc_share_secret TEXT,
    enc_overview     TEXT,
    enc_details      TEXT
);
CREATE INDEX shares_by_creator ON shares (creator_uuid);
CREATE INDEX shares_by_vault ON shares (vault_uuid);
CREATE INDEX shares_by_expiry ON shares (expires_at) WHERE enc_details IS NOT NULL;
CREATE INDEX shares_by_end ON shares (ended_at) WHERE ended_at IS NOT NULL;

-- Files that shares hold. They stay stored while there is a row.
CREATE TABLE share_files (
    share_uuid TEXT NOT NULL REFERENCES shares (uuid) ON DELETE CASCADE,
    file_uuid  TEXT NOT NULL REFERENCES files (uuid),
    PRIMARY KEY (share_uuid, file_uuid)
);
CREATE INDEX share_files_by_file ON share_files (file_uuid);

-- Whose views are counted.
CREATE TABLE share_viewers (
    share_uuid TEXT NOT NULL REFERENCES shares (uuid) ON DELETE CASCADE,
    email      TEXT NOT NULL,       -- empty if the share has no recipients
    views      BIGINT NOT NULL,
    ended      BIGINT NOT NULL,    -- whether they ended the share for themselves
    PRIMARY KEY (share_uuid, email)
);

-- The browser tabs that opened a share, or have proved an address.
CREATE TABLE share_tickets (
    share_uuid  TEXT NOT NULL REFERENCES shares (uuid) ON DELETE CASCADE,
    ticket_hash BYTEA NOT NULL,
    email       TEXT NOT NULL,      -- the proved address; empty if the share has no recipients
    open_until  BIGINT,            -- null until it has opened the share
    PRIMARY KEY (share_uuid, ticket_hash)
);

CREATE TABLE share_views (
    share_uuid TEXT NOT NULL REFERENCES shares (uuid) ON DELETE CASCADE,
    number     BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    email      TEXT NOT NULL,       -- empty if the share has no recipients
    address    TEXT NOT NULL,
    PRIMARY KEY (share_uuid, number)
);

-- What an account, or one of its vaults, allows to share.
CREATE TABLE share_policies (
    account_uuid TEXT NOT NULL REFERENCES accounts (uuid),
    vault_uuid   TEXT NOT NULL,     -- empty for the account's
    body         TEXT NOT NULL,     -- a SharePolicy, JSON
    PRIMARY KEY (account_uuid, vault_uuid)
);
-- Ciphertext does not compress: trying costs time only.
ALTER TABLE shares ALTER COLUMN enc_overview SET STORAGE EXTERNAL, ALTER COLUMN enc_details SET STORAGE EXTERNAL;

-- Codes that were sent to prove an e-mail address. Each belongs to one browser tab.
CREATE UNLOGGED TABLE share_codes (
    share_uuid  TEXT NOT NULL,
    ticket_hash BYTEA NOT NULL,
    email_hash  BYTEA NOT NULL,
    code_hash   BYTEA NOT NULL,
    tries       BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (share_uuid, ticket_hash)
);
CREATE INDEX share_codes_by_expiry ON share_codes (expires_at);

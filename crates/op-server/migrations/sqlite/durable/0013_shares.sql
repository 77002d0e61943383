-- Shared items. A share is a copy of its own, which outlives its item and its vault, so it refers to neither.

CREATE TABLE shares (
    uuid             TEXT PRIMARY KEY,
    account_uuid     TEXT NOT NULL REFERENCES accounts (uuid),
    vault_uuid       TEXT NOT NULL,
    item_uuid        TEXT NOT NULL,
    item_version     INTEGER NOT NULL,
    template_uuid    TEXT NOT NULL,
    creator_uuid     TEXT NOT NULL REFERENCES users (uuid),
    state            TEXT NOT NULL CHECK (state IN ('active', 'expired', 'spent', 'revoked', 'ended')),
    token_hash       BLOB NOT NULL,
    proof_hash       BLOB,          -- null without a password
    wrong_proofs     INTEGER NOT NULL DEFAULT 0, -- in the hour that begins at wrong_since
    wrong_since      INTEGER NOT NULL DEFAULT 0,
    recipients       TEXT,          -- JSON; null for anyone who has the link
    max_views        INTEGER,       -- of each recipient, or of all if there are none
    views            INTEGER NOT NULL DEFAULT 0,
    created_at       INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    ended_at         INTEGER,       -- null while it is active
    -- Null once the share has ended and nobody has it open.
    enc_share_secret TEXT,
    enc_overview     TEXT,
    enc_details      TEXT
) STRICT;
CREATE INDEX shares_by_creator ON shares (creator_uuid);
CREATE INDEX shares_by_vault ON shares (vault_uuid);
CREATE INDEX shares_by_expiry ON shares (expires_at) WHERE enc_details IS NOT NULL;
CREATE INDEX shares_by_end ON shares (ended_at) WHERE ended_at IS NOT NULL;

-- Files that shares hold. They stay stored while there is a row.
CREATE TABLE share_files (
    share_uuid TEXT NOT NULL REFERENCES shares (uuid) ON DELETE CASCADE,
    file_uuid  TEXT NOT NULL REFERENCES files (uuid),
    PRIMARY KEY (share_uuid, file_uuid)
) STRICT;
CREATE INDEX share_files_by_file ON share_files (file_uuid);

-- Whose views are counted.
CREATE TABLE share_viewers (
    share_uuid TEXT NOT NULL REFERENCES shares (uuid) ON DELETE CASCADE,
    email      TEXT NOT NULL,       -- empty if the share has no recipients
    views      INTEGER NOT NULL,
    ended      INTEGER NOT NULL,    -- whether they ended the share for themselves
    PRIMARY KEY (share_uuid, email)
) STRICT;

-- The browser tabs that opened a share, or have proved an address.
CREATE TABLE share_tickets (
    share_uuid  TEXT NOT NULL REFERENCES shares (uuid) ON DELETE CASCADE,
    ticket_hash BLOB NOT NULL,
    email       TEXT NOT NULL,      -- the proved address; empty if the share has no recipients
    open_until  INTEGER,            -- null until it has opened the share
    PRIMARY KEY (share_uuid, ticket_hash)
) STRICT;

CREATE TABLE share_views (
    share_uuid TEXT NOT NULL REFERENCES shares (uuid) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    email      TEXT NOT NULL,       -- empty if the share has no recipients
    address    TEXT NOT NULL,
    PRIMARY KEY (share_uuid, number)
) STRICT;

-- What an account, or one of its vaults, allows to share.
CREATE TABLE share_policies (
    account_uuid TEXT NOT NULL REFERENCES accounts (uuid),
    vault_uuid   TEXT NOT NULL,     -- empty for the account's
    body         TEXT NOT NULL,     -- a SharePolicy, JSON
    PRIMARY KEY (account_uuid, vault_uuid)
) STRICT;

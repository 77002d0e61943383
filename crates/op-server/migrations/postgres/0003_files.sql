-- Uploaded files. Their ciphertexts stand outside, under their ids.
CREATE TABLE files (
    uuid         TEXT PRIMARY KEY,
    account_uuid TEXT NOT NULL REFERENCES accounts (uuid),
    -- Who uploaded it.
    user_uuid    TEXT NOT NULL REFERENCES users (uuid),
    -- Of the ciphertext, in bytes; null until all of it is stored.
    size         BIGINT,
    -- The item that it belongs to, or last belonged to.
    vault_uuid   TEXT REFERENCES vaults (uuid),
    item_uuid    TEXT,
    created_at   BIGINT NOT NULL,
    -- When it may be removed; null while it belongs to an item.
    expires_at   BIGINT
);
CREATE INDEX files_by_item ON files (vault_uuid, item_uuid);
CREATE INDEX files_by_expiry ON files (expires_at) WHERE expires_at IS NOT NULL;

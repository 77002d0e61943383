-- Codes that were sent to prove an e-mail address. Each belongs to one browser tab.
CREATE TABLE share_codes (
    share_uuid  TEXT NOT NULL,
    ticket_hash BLOB NOT NULL,
    email_hash  BLOB NOT NULL,
    code_hash   BLOB NOT NULL,
    tries       INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    PRIMARY KEY (share_uuid, ticket_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX share_codes_by_expiry ON share_codes (expires_at);

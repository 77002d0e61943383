-- What may be lost in a power failure: a lost session costs a new sign-in, a lost count a few requests of quota.
-- It is a database of its own so that signing in and counting never wait for the disk, and so that a copy of the
-- durable database holds no session key.

CREATE TABLE sessions (
    id            TEXT PRIMARY KEY,
    state         TEXT NOT NULL CHECK (state IN ('started', 'keyed', 'proving', 'confirmed', 'complete')),
    login_key     TEXT NOT NULL, -- keyed hash of the e-mail address, to count its failures
    user_uuid     TEXT,          -- null while an unknown address is being led on
    account_uuid  TEXT,
    role          TEXT,
    client_public TEXT,          -- SRP's A and b, until the client has proved itself
    server_secret BLOB,
    session_key   BLOB,          -- from then on
    expires_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_user ON sessions (user_uuid);

CREATE TABLE counters (
    name    TEXT NOT NULL,
    ends_at INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (name, ends_at)
) STRICT, WITHOUT ROWID;

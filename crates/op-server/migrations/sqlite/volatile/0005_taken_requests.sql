-- The numbers of the latest writing requests of each session, so that each is taken once. The client gives them.
CREATE TABLE taken_requests (
    session_id TEXT NOT NULL,
    number     INTEGER NOT NULL,
    PRIMARY KEY (session_id, number)
) STRICT, WITHOUT ROWID;

-- What migrations/sqlite/volatile/0005_taken_requests.sql does.
CREATE UNLOGGED TABLE taken_requests (
    session_id TEXT NOT NULL,
    number     BIGINT NOT NULL,
    PRIMARY KEY (session_id, number)
);

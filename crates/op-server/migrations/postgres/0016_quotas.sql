-- What migrations/sqlite/durable/0016_quotas.sql does.

ALTER TABLE vaults ADD COLUMN item_count BIGINT NOT NULL DEFAULT 0;
UPDATE vaults SET item_count = (SELECT count(*) FROM items WHERE items.vault_uuid = vaults.uuid AND items.trashed <> 'D');
CREATE INDEX vaults_by_account ON vaults (account_uuid, type);

CREATE TABLE rotations (
    vault_uuid TEXT NOT NULL REFERENCES vaults (uuid),
    key_uuid   TEXT NOT NULL,
    number     BIGINT NOT NULL,
    PRIMARY KEY (vault_uuid, key_uuid)
);
INSERT INTO rotations SELECT DISTINCT vault_uuid, key_uuid, 0 FROM reencrypted_items;

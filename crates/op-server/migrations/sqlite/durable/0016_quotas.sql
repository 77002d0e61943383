-- How many items a vault has, archived ones too, so that no write has to count them.
ALTER TABLE vaults ADD COLUMN item_count INTEGER NOT NULL DEFAULT 0;
UPDATE vaults SET item_count = (SELECT count(*) FROM items WHERE items.vault_uuid = vaults.uuid AND items.trashed <> 'D');
CREATE INDEX vaults_by_account ON vaults (account_uuid, type);

-- The keys under which items are put aside, so that what the oldest of them left can be removed.
CREATE TABLE rotations (
    vault_uuid TEXT NOT NULL REFERENCES vaults (uuid),
    key_uuid   TEXT NOT NULL,
    number     INTEGER NOT NULL, -- grows with each rotation of the vault that begins
    PRIMARY KEY (vault_uuid, key_uuid)
) STRICT;
INSERT INTO rotations SELECT DISTINCT vault_uuid, key_uuid, 0 FROM reencrypted_items;

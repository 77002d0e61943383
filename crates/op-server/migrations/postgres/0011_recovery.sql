-- An invite may be for a person of the account who lost the keys. What that person made is kept with it, and takes the place of
-- the lost keys when an administrator completes the recovery.
ALTER TABLE invites ADD COLUMN user_uuid TEXT REFERENCES users (uuid);
ALTER TABLE invites ADD COLUMN accepted TEXT; -- a NewUser, JSON
CREATE INDEX invites_by_user ON invites (user_uuid);

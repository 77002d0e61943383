-- What a list of one's sessions shows of who signed in, in that client's own words.
ALTER TABLE sessions ADD COLUMN program TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN machine TEXT NOT NULL DEFAULT '';

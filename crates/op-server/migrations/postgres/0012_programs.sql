-- What migrations/sqlite/volatile/0003_programs.sql does.
ALTER TABLE sessions ADD COLUMN program TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN machine TEXT NOT NULL DEFAULT '';

-- 0001_queue.sql - things to be done once, later, and surely.
--
-- Times are UTC microseconds (_at).  The text is SQLite's; the PostgreSQL driver translates
-- INTEGER, BLOB and STRICT.

CREATE TABLE job (
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL,            -- a row of kinds.def
	ref INTEGER NOT NULL,          -- the id of what it is about, in the table its kind implies
	key TEXT NOT NULL UNIQUE,      -- what makes adding repeatable: "issue/17"
	subject TEXT NOT NULL,         -- for people: "order SO-1"
	payload TEXT,                  -- JSON, small; no secrets, no personal data
	state TEXT NOT NULL CHECK (state IN
		('ready', 'leased', 'acting', 'doubt', 'done', 'dead', 'cancelled')),
	hold TEXT,                     -- why a person or a rule stopped it; NULL: not held
	priority INTEGER NOT NULL,     -- 0 first
	due_at INTEGER NOT NULL,       -- ready, doubt: not before
	attempts INTEGER NOT NULL,     -- claims since it was added or revived
	lapses INTEGER NOT NULL,       -- how often its worker vanished
	fence INTEGER NOT NULL,        -- grows with each claim
	lease_owner TEXT,              -- leased, acting: who
	lease_until_at INTEGER,        -- leased, acting: till when
	last_error TEXT,               -- of the latest attempt that failed
	created_at INTEGER NOT NULL,
	done_at INTEGER                -- when it reached done, dead or cancelled
) STRICT;

-- Only what can be claimed stands in this index: finished rows leave it.
CREATE INDEX job_ready ON job (kind, priority, due_at, id)
	WHERE state = 'ready' AND hold IS NULL;
CREATE INDEX job_leased ON job (lease_until_at) WHERE state IN ('leased', 'acting');
CREATE INDEX job_doubt ON job (due_at) WHERE state = 'doubt';
CREATE INDEX job_dead ON job (id) WHERE state = 'dead';

-- Recurring work: one row a timer, taken by whoever sees it due first.
CREATE TABLE timer (
	name TEXT PRIMARY KEY,
	due_at INTEGER NOT NULL,
	every_s INTEGER NOT NULL,      -- 0: once
	ran_at INTEGER                 -- the last time it was taken
) STRICT;

-- 0040_audit.sql - who did what, when, why; each row carries the hash of the one before.
--
-- No personal data: parties and people by their ids, so that the chain survives an erasure.  The
-- chain runs over a salted hash of the detail: one that names a person all the same can be blanked.

CREATE TABLE audit (
	id INTEGER PRIMARY KEY,                    -- without gaps
	at INTEGER NOT NULL,
	actor TEXT NOT NULL,                       -- "worker", "cli:order-desk"
	action TEXT NOT NULL,                      -- a row of audit.def
	subject TEXT NOT NULL,                     -- "order/17", "ticket/4"
	detail TEXT,                               -- a short fact: reply code, reason
	salt BLOB,                                 -- 16 random bytes; NULL: no detail, or blanked
	detail_hash BLOB,                          -- BLAKE2b-256 of salt and detail; stays when they go
	hash BLOB NOT NULL                         -- BLAKE2b-256 of the hash before and this row
) STRICT;
CREATE INDEX audit_subject ON audit (subject);

-- The end of the chain, so that rows cut off at the end are missed too.  One row.
CREATE TABLE audit_head (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	last_id INTEGER NOT NULL,
	hash BLOB NOT NULL
) STRICT;
INSERT INTO audit_head (one, last_id, hash) VALUES (1, 0, zeroblob(32));

-- What the store knows of itself: "restored" holds mail and paper until a person lets go.
CREATE TABLE setting (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT;

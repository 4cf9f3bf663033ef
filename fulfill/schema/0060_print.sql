-- 0060_print.sql - files of print batches, and what a second operator must confirm.

-- A batch is written in parts of some hundred pages, each with its lists.  Only `cards` is sent to
-- the printer by itself, each file once: `sending` is committed before the first byte leaves.
CREATE TABLE print_file (
	id INTEGER PRIMARY KEY,
	batch_id INTEGER NOT NULL REFERENCES print_batch (id),
	part INTEGER NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('cards', 'list', 'csv', 'labels', 'notes')),
	name TEXT NOT NULL,                        -- in the print folder
	sha256 TEXT NOT NULL,                      -- as sha256sum prints it
	pages INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('written', 'stale', 'sending', 'sent', 'printed', 'doubt')),
	job TEXT,                                  -- the printer's number of the job
	says TEXT,                                 -- what the printer said of it last
	changed_at INTEGER NOT NULL,
	UNIQUE (batch_id, part, kind)
) STRICT;
CREATE INDEX print_file_open ON print_file (state, id) WHERE state IN ('sending', 'sent', 'stale');

-- Deeds that two persons must want: asked for by one, confirmed by another.
CREATE TABLE four_eyes (
	id INTEGER PRIMARY KEY,
	deed TEXT NOT NULL,                        -- "reprint"
	ref INTEGER NOT NULL,                      -- of what
	reason TEXT NOT NULL,
	asked_by TEXT NOT NULL,
	asked_at INTEGER NOT NULL,
	confirmed_by TEXT,
	confirmed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX four_eyes_open ON four_eyes (deed, ref) WHERE confirmed_at IS NULL;

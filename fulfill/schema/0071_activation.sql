-- 0071_activation.sql - where a licence is in use, and copies that were lost.

-- One collected copy of a licence.  At most one of a ticket is live.
CREATE TABLE activation (
	id INTEGER PRIMARY KEY,
	ticket_id INTEGER NOT NULL REFERENCES ticket (id),
	user_id INTEGER REFERENCES "user" (id),    -- who collected it; NULL: not known
	device TEXT,                               -- what the user calls it
	state TEXT NOT NULL CHECK (state IN ('live', 'returned', 'lost', 'removed')),
	collected_at INTEGER NOT NULL,
	confirmed_at INTEGER,                      -- the receipt of the licence
	ended_at INTEGER                           -- the receipt of its return, or when it was lost
) STRICT;
CREATE UNIQUE INDEX activation_live ON activation (ticket_id) WHERE state = 'live';
CREATE INDEX activation_ticket ON activation (ticket_id, id);

-- A replacement for a lost copy: at once, or when somebody approves.
CREATE TABLE restore (
	id INTEGER PRIMARY KEY,
	ticket_id INTEGER NOT NULL REFERENCES ticket (id),
	user_id INTEGER REFERENCES "user" (id),    -- who asked; NULL: the operator
	approved_by INTEGER REFERENCES "user" (id),
	reason TEXT,
	state TEXT NOT NULL CHECK (state IN ('done', 'waiting', 'refused')),
	at INTEGER NOT NULL,                       -- asked
	done_at INTEGER
) STRICT;
CREATE INDEX restore_ticket ON restore (ticket_id, at);
CREATE UNIQUE INDEX restore_waiting ON restore (ticket_id) WHERE state = 'waiting';

-- 0082_remote.sql - what was asked of services elsewhere: licence issuers and portals.
--
-- One row for each thing that is to happen there once.  `key` is its idempotency key: the same for
-- every attempt, and what a probe asks by.  The job of kind "remote" (ref: this row) says whether
-- it waits, runs or is in doubt; what is sent is read from orders, licences and parties when it is
-- sent, and not kept here.

CREATE TABLE remote_call (
	id INTEGER PRIMARY KEY,
	verb TEXT NOT NULL CHECK (verb IN ('mint', 'extend', 'recall', 'assign')),
	key TEXT NOT NULL UNIQUE,                  -- "mint-" and a hash of source, order, line and number
	portal INTEGER NOT NULL,                   -- 1: of the portal; 0: of the issuer
	order_line_id INTEGER REFERENCES order_line (id),      -- mint: of which line
	seq INTEGER,                               -- mint: which licence of it
	ticket_id INTEGER REFERENCES ticket (id),  -- the others
	delivery_id INTEGER REFERENCES delivery (id),          -- assign
	quantity INTEGER NOT NULL,                 -- seats
	first_day TEXT,                            -- mint: as it will be issued
	last_day TEXT,                             -- mint, extend; NULL: for ever
	state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'refused')),
	lookup BLOB,                               -- mint: the ticket that came, until it is issued
	sealed BLOB,
	tail TEXT,
	ref TEXT,                                  -- its name there
	answer TEXT,                               -- the state it told, or why not; one line
	created_at INTEGER NOT NULL,
	done_at INTEGER
) STRICT;
CREATE INDEX remote_call_line ON remote_call (order_line_id) WHERE order_line_id IS NOT NULL;
CREATE INDEX remote_call_ticket ON remote_call (ticket_id) WHERE ticket_id IS NOT NULL;

-- When a service was last asked what became of a ticket, and what it said.
CREATE TABLE remote_poll (
	ticket_id INTEGER PRIMARY KEY REFERENCES ticket (id),
	polled_at INTEGER NOT NULL,
	state TEXT                                 -- its own word
) STRICT;

-- 0091_statement.sql - months that are closed: the statement of a party and month, frozen.
--
-- What stands here is what was sent; a later event never changes it and becomes a line of the next
-- open month instead, which points to the line it corrects.  No names: customers are pseudonyms.

CREATE TABLE statement (
	id INTEGER PRIMARY KEY,
	party_id INTEGER NOT NULL REFERENCES party (id),
	month TEXT NOT NULL,                       -- YYYY-MM
	event_id INTEGER NOT NULL,                 -- the newest sale_event when it was closed
	lines INTEGER NOT NULL,
	hash BLOB,                                 -- BLAKE2b-256 over the lines; NULL: being closed
	actor TEXT NOT NULL,
	closed_at INTEGER NOT NULL,
	UNIQUE (party_id, month)                   -- closed once
) STRICT;

CREATE TABLE statement_line (
	id INTEGER PRIMARY KEY,                    -- the order of the statement
	statement_id INTEGER NOT NULL REFERENCES statement (id),
	line TEXT NOT NULL,                        -- stable: EVENT-YYYYMM, a correction EVENT-YYYYMM+N
	corrects TEXT,                             -- the line it corrects; NULL: none
	kind TEXT NOT NULL CHECK (kind IN ('sold', 'renewed', 'credit', 'correction')),
	event_id INTEGER NOT NULL REFERENCES sale_event (id),
	month TEXT NOT NULL,                       -- the month it is about, YYYY-MM
	order_number TEXT NOT NULL,
	order_line TEXT NOT NULL,
	sku TEXT NOT NULL,
	product TEXT NOT NULL,                     -- its name in the party's language
	customer TEXT NOT NULL,                    -- a pseudonym: "K17"; "": none
	quantity INTEGER NOT NULL,
	first_day TEXT NOT NULL,                   -- the days that are paid for
	last_day TEXT,                             -- NULL: for ever
	days INTEGER NOT NULL,
	period_days INTEGER NOT NULL,              -- the denominator; 0: not by the day
	price_minor INTEGER NOT NULL,              -- of the whole period
	amount_minor INTEGER NOT NULL,
	currency TEXT NOT NULL
) STRICT;
CREATE INDEX statement_line_statement ON statement_line (statement_id, id);
CREATE INDEX statement_line_event ON statement_line (event_id, month);

-- A party's charges are read in the order in which they were made.
CREATE INDEX sale_event_party_id ON sale_event (party_id, id);

-- Reports that went out by themselves: once for each report, period and party.
CREATE TABLE report_run (
	id INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE,                  -- "statement/2027-04/17"
	report TEXT NOT NULL,
	period TEXT NOT NULL,                      -- YYYY-MM or YYYY-MM-DD
	party_id INTEGER REFERENCES party (id),    -- NULL: everybody
	state TEXT NOT NULL CHECK (state IN ('done', 'failed')),
	target TEXT NOT NULL,                      -- "mail", "folder": how it went
	detail TEXT,                               -- file name, or what went wrong
	attempts INTEGER NOT NULL,
	mail_id INTEGER REFERENCES mail_out (id),
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;

-- 0090_privacy.sql - whom we told what, and who is erased.

-- Which notice a person was given, for which purpose (R14.2): recorded with the capture of the
-- data, and sent with the first mail.
CREATE TABLE privacy_notice (
	id INTEGER PRIMARY KEY,
	party_id INTEGER NOT NULL REFERENCES party (id),
	version TEXT NOT NULL,                     -- of the text: setting privacy.notice_version
	purpose TEXT NOT NULL,                     -- setting privacy.purpose at that time
	captured_at INTEGER NOT NULL,
	mail_id INTEGER REFERENCES mail_out (id),  -- the mail that carried it ...
	piece_id INTEGER REFERENCES print_piece (id),          -- ... or the letter; both NULL: not told yet
	UNIQUE (party_id, version)
) STRICT;

-- Who was erased, without a word about them.  The same rows stand in the erasure log, a file
-- beside the store, from which they are applied again to a store that was restored.
CREATE TABLE erasure (
	id INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE,                  -- random; the same in the file
	at INTEGER NOT NULL,
	scope TEXT NOT NULL CHECK (scope IN ('party', 'user', 'employee', 'email')),
	ref INTEGER,                               -- the row that was erased
	ref_at INTEGER,                            -- its created_at: tells it from a later one of that id
	mac BLOB,                                  -- scope email: keyed hash of the address
	actor TEXT NOT NULL,
	reason TEXT NOT NULL,
	keep_until_day TEXT,                       -- what stays for the books goes after this day
	dropped_at INTEGER                         -- when that was done
) STRICT;

-- Everything of a person, or of a ticket, is found without reading whole tables.
CREATE INDEX orders_customer ON orders (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX mail_out_ticket ON mail_out (ticket_id) WHERE ticket_id IS NOT NULL;
CREATE INDEX delivery_ticket ON delivery (ticket_id);
CREATE INDEX job_ref ON job (ref, kind);

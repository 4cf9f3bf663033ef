-- 0050_mail.sql - what mails carry beside their text, and what comes in.

-- A file enclosed in a mail_out; tickets and cards are not kept here, they are made when sent.
CREATE TABLE mail_part (
	mail_id INTEGER NOT NULL REFERENCES mail_out (id),
	seq INTEGER NOT NULL,                      -- 1..n, in the order of the message
	name TEXT NOT NULL,                        -- as a person saves it
	type TEXT NOT NULL,                        -- "text/csv; charset=utf-8"
	body BLOB NOT NULL,
	PRIMARY KEY (mail_id, seq)
) STRICT;

-- A mail that came in, from when it was stored to what became of it.
CREATE TABLE mail_in (
	id INTEGER PRIMARY KEY,
	source TEXT NOT NULL,                      -- "receive", "maildir", "imap"
	source_ref TEXT,                           -- its name there
	recipient TEXT,                            -- of the envelope, where the source knows it
	hash BLOB NOT NULL UNIQUE,                 -- BLAKE2b-256 of the bytes: taken once
	size_bytes INTEGER NOT NULL,
	sealed BLOB,                               -- the bytes, sealed; NULL: wiped
	state TEXT NOT NULL CHECK (state IN ('received', 'done', 'held', 'poison', 'discarded')),
	reason TEXT,                               -- why held, poison, discarded
	kind TEXT,                                 -- mailer/sort.h; NULL: not read yet
	rule TEXT,                                 -- which rule said so
	sender TEXT,                               -- the From address, proved or not
	subject TEXT,
	message_id TEXT,
	proof TEXT,                                -- how the sender was proved; NULL: not
	user_id INTEGER REFERENCES "user" (id),    -- who it is then
	outcome TEXT,                              -- JSON: what became of it
	tries INTEGER NOT NULL DEFAULT 0,          -- readings begun; also the fence
	deaths INTEGER NOT NULL DEFAULT 0,         -- readings that killed the reader
	due_at INTEGER NOT NULL,
	received_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX mail_in_due ON mail_in (due_at, id) WHERE state = 'received';
CREATE INDEX mail_in_waiting ON mail_in (id) WHERE state IN ('held', 'poison');
CREATE INDEX mail_in_sealed ON mail_in (changed_at) WHERE state = 'done' AND sealed IS NOT NULL;

-- Which orders came by which mail.
CREATE TABLE mail_order (
	mail_id INTEGER NOT NULL REFERENCES mail_in (id),
	order_id INTEGER NOT NULL REFERENCES orders (id),
	party_id INTEGER NOT NULL REFERENCES party (id),       -- whose user sent it: for whose limits it counts
	at INTEGER NOT NULL,
	PRIMARY KEY (mail_id, order_id)
) STRICT;
CREATE INDEX mail_order_party ON mail_order (party_id, at);
CREATE INDEX mail_order_order ON mail_order (order_id);

-- The public key with which a user signs its orders.
CREATE TABLE user_key (
	user_id INTEGER PRIMARY KEY REFERENCES "user" (id),
	minisign TEXT NOT NULL
) STRICT;

-- How far an IMAP mailbox was read.
CREATE TABLE mail_box (
	name TEXT PRIMARY KEY,                     -- server and mailbox
	uidvalidity INTEGER NOT NULL,
	taken_uid INTEGER NOT NULL,                -- the last that is stored here
	done_uid INTEGER NOT NULL                  -- the last that the server was told about
) STRICT;

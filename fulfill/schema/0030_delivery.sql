-- 0030_delivery.sql - how a ticket reaches its recipient: mails and printed pieces.
--
-- `context` is what the text or the card says, frozen when the delivery was planned and without
-- the code: so the bytes of a message are a function of stored data, and a retry is identical.

CREATE TABLE mail_out (
	id INTEGER PRIMARY KEY,
	order_id INTEGER REFERENCES orders (id),
	ticket_id INTEGER REFERENCES ticket (id),  -- NULL: a digest; see delivery.mail_id
	text TEXT NOT NULL,                        -- a name of templates/texts.def
	to_email TEXT NOT NULL,
	to_name TEXT,
	language TEXT NOT NULL,
	brand TEXT,
	context TEXT NOT NULL,                     -- JSON
	seed BLOB NOT NULL,                        -- 16 random bytes, of Message-ID and boundaries
	date_at INTEGER NOT NULL,                  -- the Date field
	bytes_hash BLOB,                           -- BLAKE2b-256 of what was first put on the wire
	bytes_size INTEGER,
	created_at INTEGER NOT NULL,
	-- of letters (mails without tickets):
	key TEXT UNIQUE,                           -- planned at most once; NULL: no such promise
	reply_to TEXT,                             -- NULL: that of the settings
	in_reply_to TEXT,                          -- Message-ID that is answered
	refs TEXT,                                 -- Message-IDs, oldest first, single spaces
	recurring INTEGER NOT NULL DEFAULT 0,      -- 1: its reader may end mails like this: see mail_stop
	null_sender INTEGER NOT NULL DEFAULT 0     -- 1: return path <>
) STRICT;
CREATE INDEX mail_out_order ON mail_out (order_id);

-- Cards that are printed together.
CREATE TABLE print_batch (
	id INTEGER PRIMARY KEY,
	product TEXT NOT NULL DEFAULT 'sheet' CHECK (product IN ('sheet', 'letter', 'pin')),
	stock TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'rendered', 'submitting', 'submitted',
		'doubt', 'printed', 'packed', 'shipped', 'returned', 'cancelled')),
	reason TEXT,
	start_slot INTEGER NOT NULL DEFAULT 0,     -- first free label of its first sheet, from 0
	tracking TEXT,                             -- what the carrier calls it
	pieces INTEGER NOT NULL DEFAULT 0,
	parts INTEGER NOT NULL DEFAULT 0,          -- files it is written in; 0: no places given yet
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	closed_at INTEGER,
	rendered_at INTEGER
) STRICT;
CREATE INDEX print_batch_open ON print_batch (id) WHERE state = 'open';

CREATE TABLE print_piece (
	id INTEGER PRIMARY KEY,
	batch_id INTEGER NOT NULL REFERENCES print_batch (id),
	ticket_id INTEGER NOT NULL REFERENCES ticket (id),
	context TEXT NOT NULL,                     -- JSON: what the card and the address say
	state TEXT NOT NULL CHECK (state IN ('batched', 'rendered', 'printed', 'packed', 'shipped',
		'returned', 'spoiled', 'pulled')),
	reason TEXT,
	envelope INTEGER NOT NULL,                 -- what goes into one envelope: its first piece
	part INTEGER,                              -- where it lies, from 1: file of the batch,
	sheet INTEGER,                             -- sheet or letter of that file,
	place INTEGER,                             -- label of that sheet, card of that letter
	reprint INTEGER NOT NULL DEFAULT 0,        -- n-th reprint
	reprint_of INTEGER REFERENCES print_piece (id),
	blocked TEXT,                              -- why it must not be packed: see scan.h
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX print_piece_batch ON print_piece (batch_id, part, sheet, place);
CREATE INDEX print_piece_envelope ON print_piece (envelope);
CREATE INDEX print_piece_ticket ON print_piece (ticket_id);

CREATE TABLE delivery (
	id INTEGER PRIMARY KEY,
	ticket_id INTEGER NOT NULL REFERENCES ticket (id),
	channel TEXT NOT NULL CHECK (channel IN ('email', 'post', 'portal')),
	recipient TEXT NOT NULL,                   -- email address, or "party/17"
	purpose TEXT NOT NULL,                     -- "first", "resend/2", "forward"
	state TEXT NOT NULL CHECK (state IN ('planned', 'held', 'ready', 'inflight', 'doubt', 'sent',
		'bounced', 'failed', 'aborted', 'batched', 'rendered', 'printed', 'packed', 'shipped',
		'returned', 'spoiled')),
	reason TEXT,                               -- why held, failed, bounced, in doubt
	mail_id INTEGER REFERENCES mail_out (id),
	piece_id INTEGER REFERENCES print_piece (id),
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;

-- At most one live delivery of a ticket by a channel to a recipient for a purpose.
CREATE UNIQUE INDEX delivery_live ON delivery (ticket_id, channel, recipient, purpose)
	WHERE state NOT IN ('failed', 'aborted', 'bounced', 'returned', 'spoiled');
CREATE INDEX delivery_mail ON delivery (mail_id) WHERE mail_id IS NOT NULL;
CREATE INDEX delivery_piece ON delivery (piece_id) WHERE piece_id IS NOT NULL;
CREATE INDEX delivery_waiting ON delivery (channel, id) WHERE state IN ('held', 'ready', 'doubt');

-- 0020_order.sql - orders, their lines, licences and tickets.

CREATE TABLE orders (
	id INTEGER PRIMARY KEY,
	source TEXT NOT NULL,                      -- who sent it: "erp", "drop", "cli"
	number TEXT NOT NULL,                      -- as the source calls it
	party_id INTEGER NOT NULL REFERENCES party (id),
	customer_id INTEGER REFERENCES party (id),
	user_id INTEGER REFERENCES "user" (id),    -- whose rights were asked; NULL: the party's own
	ordered_day TEXT NOT NULL,
	reference TEXT,                            -- the customer's own number
	deliver_by TEXT NOT NULL CHECK (deliver_by IN ('email', 'post', 'portal')),
	deliver_to TEXT NOT NULL CHECK (deliver_to IN ('customer', 'party')),
	deliver_email TEXT,                        -- where other than the recipient's own
	state TEXT NOT NULL CHECK (state IN ('accepted', 'issued', 'held', 'cancelled')),
	content_hash BLOB NOT NULL,                -- tells a duplicate from a conflict
	change_hash BLOB,                          -- likewise, of the document that changed it last
	received_at INTEGER NOT NULL,
	issued_at INTEGER,
	UNIQUE (source, number)
) STRICT;
CREATE INDEX orders_party ON orders (party_id);
CREATE INDEX orders_user ON orders (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE order_line (
	id INTEGER PRIMARY KEY,
	order_id INTEGER NOT NULL REFERENCES orders (id),
	line TEXT NOT NULL,
	product_id INTEGER NOT NULL REFERENCES product (id),
	quantity INTEGER NOT NULL CHECK (quantity > 0),
	options TEXT,                              -- JSON {"days": 30}
	state TEXT NOT NULL CHECK (state IN ('accepted', 'issued', 'cancelled')),
	UNIQUE (order_id, line)
) STRICT;

-- What the customer may use.  One licence has one ticket.
CREATE TABLE licence (
	id INTEGER PRIMARY KEY,
	order_line_id INTEGER NOT NULL REFERENCES order_line (id),
	seq INTEGER NOT NULL,                      -- 1..quantity; 1 for a ticket per line
	quantity INTEGER NOT NULL,                 -- 1, or the line's for a ticket per line
	product_id INTEGER NOT NULL REFERENCES product (id),
	party_id INTEGER NOT NULL REFERENCES party (id),   -- who ordered
	holder_id INTEGER REFERENCES party (id),           -- who uses it; NULL: still in a pool
	pool_id INTEGER REFERENCES party (id),             -- in whose pool it lies; NULL: it has a holder
	user_id INTEGER REFERENCES "user" (id),            -- whom of the holder it is assigned to
	shown INTEGER NOT NULL DEFAULT 0,                  -- 1: all users of the holder see it, not admins only
	first_day TEXT NOT NULL,
	last_day TEXT,                             -- inclusive; NULL: for ever
	created_at INTEGER NOT NULL,
	UNIQUE (order_line_id, seq)                -- issued once, whatever crashes
) STRICT;
CREATE INDEX licence_pool ON licence (pool_id, product_id, id) WHERE pool_id IS NOT NULL;
CREATE INDEX licence_user ON licence (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX licence_holder ON licence (holder_id) WHERE holder_id IS NOT NULL;

CREATE TABLE ticket (
	id INTEGER PRIMARY KEY,
	licence_id INTEGER NOT NULL UNIQUE REFERENCES licence (id),
	lookup BLOB NOT NULL UNIQUE,               -- keyed BLAKE2b-256 of the code
	sealed BLOB,                               -- crypto_box_seal of the code; NULL: wiped
	tail TEXT NOT NULL,                        -- the last group, for people: "ABCDE"
	backend TEXT NOT NULL,                     -- which issuer made it
	backend_ref TEXT,                          -- its name there
	state TEXT NOT NULL CHECK (state IN ('issued', 'collected', 'confirmed', 'returned',
		'confirmed_returned', 'recall_pending', 'recalled', 'lost_restored')),
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;

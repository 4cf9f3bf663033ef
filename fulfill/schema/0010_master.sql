-- 0010_master.sql - who and what: parties, users, products, employees, programmes.
--
-- Everything here comes from `ticketpost import`.  `code` is the name the vendor gave.

CREATE TABLE party (
	id INTEGER PRIMARY KEY,
	parent_id INTEGER REFERENCES party (id),   -- NULL: the vendor
	code TEXT NOT NULL,                        -- "R-100"; unique below its parent for customers
	kind TEXT NOT NULL CHECK (kind IN ('vendor', 'reseller', 'customer')),
	name TEXT,                                 -- of the company or person
	company TEXT,                              -- customers: company beside a contact name
	email TEXT,
	email_key TEXT,                            -- customers: lower case, without +tag; who is the same?
	language TEXT,                             -- "de", "en"; NULL: as its parent
	address TEXT,                              -- JSON {lines, postcode, city, country}
	privacy TEXT NOT NULL DEFAULT 'address'
		CHECK (privacy IN ('pseudonym', 'company', 'contact', 'address')),
	deliver TEXT CHECK (deliver IN ('email', 'post', 'portal')),
	channels TEXT,                             -- JSON list; NULL: all
	brand TEXT,                                -- folder of its own templates
	mode TEXT CHECK (mode IN ('pool', 'jit')),
	print TEXT CHECK (print IN ('sheet', 'letter', 'pin')), -- what its orders by post become; NULL: as set
	direct INTEGER NOT NULL DEFAULT 0,         -- 1: the vendor's own sales unit
	inherits INTEGER NOT NULL DEFAULT 0,       -- 1: rights are those above; it has no grants of its own
	fingerprint BLOB,                          -- of the imported record: same again changes nothing
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	removed_at INTEGER,                        -- may do nothing any more; kept for what it ordered
	UNIQUE (parent_id, code)
) STRICT;

-- Vendor and resellers are known by their code alone.
CREATE UNIQUE INDEX party_code ON party (code) WHERE kind <> 'customer';
CREATE INDEX party_email_key ON party (email_key) WHERE email_key IS NOT NULL;

CREATE TABLE "user" (
	id INTEGER PRIMARY KEY,
	party_id INTEGER NOT NULL REFERENCES party (id),
	email TEXT NOT NULL,                       -- lower case; the login
	name TEXT,
	role TEXT NOT NULL CHECK (role IN ('admin', 'user')),
	inherits INTEGER NOT NULL DEFAULT 1,       -- 1: rights are those of its party
	made_by INTEGER REFERENCES "user" (id),    -- what it may lies within what they may; NULL: its party
	fingerprint BLOB,
	created_at INTEGER NOT NULL,
	removed_at INTEGER,                        -- may do nothing any more; kept for what it did
	UNIQUE (party_id, email)                   -- one person may be a user under two resellers
) STRICT;

CREATE INDEX user_email ON "user" (email);

CREATE TABLE product_group (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,
	options TEXT,                              -- JSON limits of options for all products in it
	fingerprint BLOB
) STRICT;

CREATE TABLE product (
	id INTEGER PRIMARY KEY,
	sku TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,                        -- JSON {"de": ..., "en": ...}
	kind TEXT NOT NULL CHECK (kind IN ('full', 'demo', 'subscription', 'nfr')),
	product_code INTEGER,                      -- of the licence container
	ticket_per TEXT NOT NULL CHECK (ticket_per IN ('unit', 'line')),
	term_months INTEGER,
	term_days INTEGER,
	term_rule TEXT CHECK (term_rule IN ('bgb', 'anchor')),
	notice_months INTEGER,
	notice_days INTEGER,
	price_minor INTEGER,
	price_currency TEXT,                       -- ISO 4217
	per_customer INTEGER,                      -- at most so many for one customer; NULL: any number
	fingerprint BLOB,                          -- of the imported record: same again changes nothing
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE product_in_group (
	product_id INTEGER NOT NULL REFERENCES product (id),
	group_id INTEGER NOT NULL REFERENCES product_group (id),
	PRIMARY KEY (product_id, group_id)
) STRICT;

CREATE TABLE option_range (
	product_id INTEGER NOT NULL REFERENCES product (id),
	name TEXT NOT NULL,                        -- "days"
	allowed TEXT NOT NULL,                     -- JSON {"min", "max", "step", "default"} or {"of", "default"}
	PRIMARY KEY (product_id, name)
) STRICT;

-- What a party or a user may do.  Exactly one of party_id and user_id is set.
CREATE TABLE "grant" (
	id INTEGER PRIMARY KEY,
	party_id INTEGER REFERENCES party (id),
	user_id INTEGER REFERENCES "user" (id),
	group_id INTEGER NOT NULL REFERENCES product_group (id),
	may TEXT NOT NULL,                         -- JSON list of actions
	options TEXT,                              -- JSON ranges
	channels TEXT,                             -- JSON list
	quota INTEGER,
	CHECK ((party_id IS NULL) <> (user_id IS NULL))
) STRICT;
CREATE INDEX grant_party ON "grant" (party_id);
CREATE INDEX grant_user ON "grant" (user_id);

CREATE TABLE employee (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,                 -- "E-7"
	email TEXT NOT NULL,
	name TEXT,
	language TEXT,
	department TEXT,
	from_day TEXT NOT NULL,
	until_day TEXT,                            -- last day of employment; NULL: open
	fingerprint BLOB,                          -- of the imported record: same again changes nothing
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE programme (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,                 -- "nfr-cad"
	product_id INTEGER NOT NULL REFERENCES product (id),
	kind TEXT NOT NULL CHECK (kind IN ('nfr', 'demo')),
	audience TEXT NOT NULL,                    -- JSON: "all", {"department": ...}, list of codes
	term_months INTEGER,
	term_days INTEGER,
	schedule TEXT NOT NULL,                    -- RFC 5545 RRULE
	at TEXT NOT NULL,                          -- local time "08:30"
	renew INTEGER NOT NULL,
	lead_days INTEGER NOT NULL,
	zone TEXT,                                 -- of `at`; NULL: that of the gateway
	start_day TEXT,                            -- anchors the schedule; NULL: the day it was loaded
	number INTEGER NOT NULL DEFAULT 1,         -- licences a person
	per_month INTEGER NOT NULL DEFAULT 0,      -- tickets a person may ask for by mail in a month
	paused_at INTEGER,                         -- no run since; NULL: it runs
	fingerprint BLOB,                          -- of the imported record: same again changes nothing
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;

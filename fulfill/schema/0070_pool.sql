-- 0070_pool.sql - tickets made in advance: who has them in stock, and what became of them.
--
-- licence.pool_id says in whose pool a ticket lies; here is how it got there and left.

CREATE TABLE pool_event (
	id INTEGER PRIMARY KEY,
	licence_id INTEGER NOT NULL REFERENCES licence (id),
	kind TEXT NOT NULL CHECK (kind IN ('assigned', 'unassigned', 'split', 'returned', 'expired')),
	from_id INTEGER REFERENCES party (id),     -- whose pool, or who held it
	to_id INTEGER REFERENCES party (id),       -- NULL: the vendor took it back for good
	user_id INTEGER REFERENCES "user" (id),    -- whom of the holder it was given to
	by_user_id INTEGER REFERENCES "user" (id), -- who did it; NULL: the operator, or a chore
	at INTEGER NOT NULL
) STRICT;
CREATE INDEX pool_event_licence ON pool_event (licence_id, id);
CREATE INDEX pool_event_from ON pool_event (from_id, at);

-- When somebody is told that stock runs low; once until it was full again.
CREATE TABLE pool_level (
	party_id INTEGER NOT NULL REFERENCES party (id),
	product_id INTEGER NOT NULL REFERENCES product (id),
	reorder_at INTEGER NOT NULL,               -- told when fewer than this are left; 0: never
	keep_days INTEGER NOT NULL DEFAULT 0,      -- unused ones expire after so many days; 0: never
	round INTEGER NOT NULL DEFAULT 0,          -- how often it was told
	low INTEGER NOT NULL DEFAULT 0,            -- 1: told, and not full since
	PRIMARY KEY (party_id, product_id)
) STRICT;

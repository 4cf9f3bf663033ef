-- 0065_logo.sql - the pictures that stand for brands on cards and letters.

-- A picture never changes and is never removed: what was frozen into a card names its id, and a
-- batch written again must look the same.
CREATE TABLE picture (
	id TEXT PRIMARY KEY,                       -- hash of the pixels
	width INTEGER NOT NULL,
	height INTEGER NOT NULL,
	channels INTEGER NOT NULL CHECK (channels IN (1, 3)),
	packed BLOB NOT NULL,                      -- the pixels as a zlib stream
	added_at INTEGER NOT NULL
) STRICT;

CREATE TABLE logo (
	brand TEXT PRIMARY KEY,                    -- as party.brand; '': the vendor's own
	picture_id TEXT NOT NULL REFERENCES picture (id),
	changed_at INTEGER NOT NULL
) STRICT;

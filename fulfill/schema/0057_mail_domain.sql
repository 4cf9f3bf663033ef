-- 0057_mail_domain.sql - recipient domains whose servers sent mail of ours back as unwanted.

CREATE TABLE mail_domain (
	domain TEXT PRIMARY KEY,                   -- in lower case
	until_at INTEGER NOT NULL,                 -- it rests until then
	length_us INTEGER NOT NULL,                -- how long; twice as long the next time
	reason TEXT NOT NULL                       -- what the report says; no addresses
) STRICT;

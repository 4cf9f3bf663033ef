-- 0058_mail_key.sql - public keys to which mails are encrypted, and what was made with them.

CREATE TABLE mail_key (
	address TEXT PRIMARY KEY,                  -- in lower case
	kind TEXT NOT NULL CHECK (kind IN ('pgp', 'smime')),
	fingerprint TEXT NOT NULL,
	material BLOB NOT NULL,                    -- the file that was handed in; nothing secret
	expires_at INTEGER,                        -- NULL: never, or not known
	at INTEGER NOT NULL
) STRICT;

-- The bytes that left, encrypted, until it is known what became of them: encrypting again gives
-- others, and a mail in doubt is sent again with the same.
CREATE TABLE mail_made (
	mail_id INTEGER PRIMARY KEY REFERENCES mail_out (id),
	bytes BLOB NOT NULL
) STRICT;

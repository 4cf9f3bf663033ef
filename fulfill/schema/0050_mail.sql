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

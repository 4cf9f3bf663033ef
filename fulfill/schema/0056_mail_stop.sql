-- 0056_mail_stop.sql - who gets no more recurring mails: reminders, renewals of programmes, reports.

CREATE TABLE mail_stop (
	address TEXT PRIMARY KEY,                  -- in lower case
	mail_id INTEGER REFERENCES mail_out (id),  -- the mail that was too much; NULL: a person said so
	why TEXT NOT NULL CHECK (why IN ('complaint', 'request', 'person')),
	reason TEXT,                               -- one line
	at INTEGER NOT NULL
) STRICT;
CREATE INDEX mail_stop_mail ON mail_stop (mail_id) WHERE mail_id IS NOT NULL;

-- 0105_programme_ask.sql - what employees asked for by mail, and got.

CREATE TABLE programme_ask (
	id INTEGER PRIMARY KEY,
	mail_id INTEGER NOT NULL REFERENCES mail_in (id),
	employee_id INTEGER NOT NULL REFERENCES employee (id),
	programme_id INTEGER NOT NULL REFERENCES programme (id),
	product_id INTEGER NOT NULL REFERENCES product (id),
	what TEXT NOT NULL CHECK (what IN ('given', 'again', 'stopped')),
	plan_id INTEGER NOT NULL REFERENCES programme_plan (id),
	day TEXT NOT NULL,                         -- in the zone of the programme's owner: quotas count months
	at INTEGER NOT NULL
) STRICT;
CREATE INDEX programme_ask_employee ON programme_ask (employee_id, product_id);
CREATE INDEX programme_ask_mail ON programme_ask (mail_id);
CREATE INDEX programme_ask_plan ON programme_ask (plan_id);

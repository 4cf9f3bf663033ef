-- 0100_programme.sql - who has what by a programme (NFR and demo), and what its runs did.
--
-- A plan is one employee's licence of one product: made by an internal order (source "programme"),
-- extended while the person is employed, ended with the last day.  Rehire is a new plan.

CREATE TABLE programme_plan (
	id INTEGER PRIMARY KEY,
	programme_id INTEGER NOT NULL REFERENCES programme (id),
	employee_id INTEGER NOT NULL REFERENCES employee (id),
	product_id INTEGER NOT NULL REFERENCES product (id),
	asked INTEGER NOT NULL DEFAULT 0,          -- 1: a demo by the employee's mail, beside the schedule
	order_id INTEGER UNIQUE REFERENCES orders (id),   -- NULL: about to be placed
	state TEXT NOT NULL CHECK (state IN ('active', 'held', 'ended')),
	reason TEXT,                               -- why held or ended
	start_day TEXT NOT NULL,                   -- anchors the terms
	k INTEGER NOT NULL,                        -- how many terms it has had
	last_day TEXT NOT NULL,                    -- of the licence
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;

-- On however many lists somebody stands: one licence of a product.
CREATE UNIQUE INDEX programme_plan_live ON programme_plan (employee_id, product_id)
	WHERE state IN ('active', 'held') AND asked = 0;
CREATE INDEX programme_plan_employee ON programme_plan (employee_id);
CREATE INDEX programme_plan_last ON programme_plan (last_day) WHERE state IN ('active', 'held');
CREATE INDEX employee_until ON employee (until_day) WHERE until_day IS NOT NULL;

-- A run is one occurrence of a schedule.  It goes through the staff by id, a slice at a time.
CREATE TABLE programme_run (
	id INTEGER PRIMARY KEY,
	programme_id INTEGER NOT NULL REFERENCES programme (id),
	rule_day TEXT NOT NULL,                    -- what the rule says: the key
	day TEXT NOT NULL,                         -- when it ran: later than that after a holiday
	next_day TEXT NOT NULL,                    -- of the occurrence after it
	state TEXT NOT NULL CHECK (state IN ('running', 'done')),
	after_id INTEGER NOT NULL,                 -- employees up to here are done
	mails INTEGER NOT NULL,                    -- planned so far: the spread counts on
	started_at INTEGER NOT NULL,
	done_at INTEGER,
	UNIQUE (programme_id, rule_day)
) STRICT;
CREATE INDEX programme_run_open ON programme_run (id) WHERE state = 'running';

-- What a run did for a person: once, whatever crashes.
CREATE TABLE programme_deed (
	programme_id INTEGER NOT NULL REFERENCES programme (id),
	employee_id INTEGER NOT NULL REFERENCES employee (id),
	rule_day TEXT NOT NULL,
	what TEXT NOT NULL CHECK (what IN ('issued', 'extended', 'covered', 'held', 'refused')),
	plan_id INTEGER REFERENCES programme_plan (id),
	detail TEXT,                               -- why refused
	at INTEGER NOT NULL,
	PRIMARY KEY (programme_id, employee_id, rule_day)
) STRICT;

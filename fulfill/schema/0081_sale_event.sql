-- 0081_sale_event.sql - what was sold, renewed, ended and given back: all that reports ask of money.
--
-- Rows are only ever added.  A charge ('sold', 'renewed') is a price for a period and the days of
-- it that the licence was to run; a reversal ('reversed', 'exchanged') points to the charge that it
-- cuts short.  So the days that were really used of a charge run from its first_day to the day
-- before the earliest reversal of it, or to its last_day.

CREATE TABLE sale_event (
	id INTEGER PRIMARY KEY,                    -- the stable name of a line of a statement
	kind TEXT NOT NULL CHECK (kind IN (
		'sold',                            -- a licence was made; the first charge
		'renewed',                         -- a further term began; a charge
		'cancelled',                       -- notice came: no further term after last_day
		'kept',                            -- the notice was taken back
		'ended',                           -- the last term ran out
		'reversed',                        -- a charge was undone or cut short (Storno)
		'exchanged')),                     -- likewise, because another licence took over
	licence_id INTEGER NOT NULL REFERENCES licence (id),
	k INTEGER NOT NULL,                        -- the term it is about, from 1; 0: no subscription
	party_id INTEGER NOT NULL REFERENCES party (id),       -- who is billed: who ordered
	product_id INTEGER NOT NULL REFERENCES product (id),
	quantity INTEGER NOT NULL,                 -- seats of this licence; amount_minor has them in
	day TEXT NOT NULL,                         -- when it counts, in the vendor's zone: charges: their
	                                           -- first_day; cancelled, kept: when word arrived;
	                                           -- ended: the last day; reversed, exchanged: the first
	                                           -- day that is not used any more
	first_day TEXT NOT NULL,                   -- charges: the days that are paid for, inclusive
	last_day TEXT,                             -- NULL: for ever.  Others: of the term they are about
	period_first_day TEXT NOT NULL,            -- charges: the whole period the price is for, the
	period_last_day TEXT,                      -- denominator of day-exact amounts; NULL: for ever
	price_minor INTEGER NOT NULL,              -- of the whole period, all seats; 0: no price
	amount_minor INTEGER NOT NULL,             -- charges: price of first_day to last_day, >= 0;
	                                           -- reversed, exchanged: what is given back, <= 0;
	                                           -- others 0
	currency TEXT,                             -- ISO 4217; NULL: no price
	credit_mode TEXT CHECK (credit_mode IN ('full', 'prorata', 'none')),   -- reversed, exchanged
	of_event INTEGER REFERENCES sale_event (id),           -- reversed, exchanged: the charge
	at_once INTEGER NOT NULL DEFAULT 0,        -- charges: 1: in full in its month (the party was a
	                                           -- direct one then); whatever it becomes later
	reason TEXT,                               -- for people; no names
	at INTEGER NOT NULL                        -- when it was recorded
) STRICT;
CREATE INDEX sale_event_licence ON sale_event (licence_id, id);
CREATE INDEX sale_event_day ON sale_event (day, id);
CREATE INDEX sale_event_party ON sale_event (party_id, day);
CREATE INDEX sale_event_of ON sale_event (of_event) WHERE of_event IS NOT NULL;
-- A charge for a term stands once.
CREATE UNIQUE INDEX sale_event_charge ON sale_event (licence_id, k) WHERE kind IN ('sold', 'renewed');

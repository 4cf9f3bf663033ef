-- 0080_subscription.sql - licences that renew until somebody ends them.
--
-- Term k is period k - k_base of fulfill/domain/term.h, counted from start_day: never from the
-- term before, so the 31st stays the 31st.  Terms, notice and rule are those of the sale; a
-- product that changes later changes new sales only.

CREATE TABLE subscription (
	id INTEGER PRIMARY KEY,
	licence_id INTEGER NOT NULL UNIQUE REFERENCES licence (id),
	state TEXT NOT NULL CHECK (state IN ('active', 'cancelled', 'ended', 'reversed', 'exchanged')),
	start_day TEXT NOT NULL,                   -- the anchor
	k INTEGER NOT NULL,                        -- the latest term, whether it stands or not
	k_base INTEGER NOT NULL DEFAULT 0,         -- terms that the anchor does not count: reversed
	                                           -- renewals, and those before a new start
	last_day TEXT NOT NULL,                    -- of the latest term that stands, inclusive; also
	                                           -- licence.last_day
	term_months INTEGER NOT NULL,              -- either months or days, the other is 0
	term_days INTEGER NOT NULL,
	term_rule TEXT NOT NULL CHECK (term_rule IN ('bgb', 'anchor')),
	notice_months INTEGER NOT NULL,
	notice_days INTEGER NOT NULL,
	cancelled_day TEXT,                        -- when the notice that counts arrived
	end_day TEXT,                              -- the contract ends with it: no renewal beyond;
	                                           -- NULL: open
	due_day TEXT,                              -- the chore looks at it on this day; NULL: never again
	hold TEXT,                                 -- why the renewal that is due is not possible
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX subscription_due ON subscription (due_day, id) WHERE due_day IS NOT NULL;

-- What each term is.  The key is what makes a renewal happen once, whoever else tries.
CREATE TABLE subscription_term (
	subscription_id INTEGER NOT NULL REFERENCES subscription (id),
	k INTEGER NOT NULL,
	first_day TEXT NOT NULL,
	last_day TEXT NOT NULL,                    -- inclusive
	state TEXT NOT NULL CHECK (state IN ('stands', 'reversed')),
	created_at INTEGER NOT NULL,
	PRIMARY KEY (subscription_id, k)
) STRICT;

-- Letters that were planned about a term, so that each is planned once.
CREATE TABLE subscription_letter (
	subscription_id INTEGER NOT NULL REFERENCES subscription (id),
	k INTEGER NOT NULL,
	what TEXT NOT NULL,                        -- "remind/30", "renewed", "ends/7"
	mail_id INTEGER REFERENCES mail_out (id),  -- NULL: nobody to write to
	created_at INTEGER NOT NULL,
	PRIMARY KEY (subscription_id, k, what)
) STRICT;

-- One subscription for another.  The old one is recalled when the new has arrived.
CREATE TABLE exchange (
	id INTEGER PRIMARY KEY,
	old_licence_id INTEGER NOT NULL UNIQUE REFERENCES licence (id),
	new_licence_id INTEGER UNIQUE REFERENCES licence (id),   -- NULL: not issued yet
	order_id INTEGER NOT NULL UNIQUE REFERENCES orders (id), -- the internal order of the new
	direction TEXT NOT NULL CHECK (direction IN ('upgrade', 'downgrade', 'swap')),
	day TEXT NOT NULL,                         -- the first day of the new
	aligned INTEGER NOT NULL,                  -- 1: the new takes over the anchor of the old
	recall_on TEXT NOT NULL CHECK (recall_on IN ('delivered', 'activated')),
	recall_by_day TEXT NOT NULL,               -- the old is recalled at the latest on this day
	state TEXT NOT NULL CHECK (state IN ('waiting', 'done')),
	created_at INTEGER NOT NULL,
	done_at INTEGER
) STRICT;
CREATE INDEX exchange_waiting ON exchange (id) WHERE state = 'waiting';

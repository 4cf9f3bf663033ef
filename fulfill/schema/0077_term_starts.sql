-- 0077_term_starts.sql - when the first term of what lies in a pool begins.

-- 'sale': when it is made.  'assigned': when it leaves the pool, and is charged from then on.
ALTER TABLE product ADD COLUMN term_starts TEXT NOT NULL DEFAULT 'sale';

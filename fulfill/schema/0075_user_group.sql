-- 0075_user_group.sql - people of a party who see the same tickets.
--
-- A ticket that is assigned to a group is hidden until somebody shows it; then its members
-- see it, and nobody else but admins.

CREATE TABLE user_group (
	id INTEGER PRIMARY KEY,
	party_id INTEGER NOT NULL REFERENCES party (id),
	name TEXT NOT NULL,                        -- as people write it
	name_key TEXT NOT NULL,                    -- the same without case
	created_at INTEGER NOT NULL,
	UNIQUE (party_id, name_key)
) STRICT;

CREATE TABLE user_in_group (
	group_id INTEGER NOT NULL REFERENCES user_group (id),
	user_id INTEGER NOT NULL REFERENCES "user" (id),
	PRIMARY KEY (group_id, user_id)
) STRICT;
CREATE INDEX user_in_group_user ON user_in_group (user_id);

-- Whom of the holder a ticket is assigned to: a user, a group, or neither: all of them.
ALTER TABLE licence ADD COLUMN user_group_id INTEGER REFERENCES user_group (id);
CREATE INDEX licence_user_group ON licence (user_group_id) WHERE user_group_id IS NOT NULL;

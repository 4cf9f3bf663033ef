-- 0055_mail_limit.sql - what a party may order by mail without a person, where it is not as the settings say.

CREATE TABLE mail_limit (
	party_id INTEGER PRIMARY KEY REFERENCES party (id),
	quantity INTEGER,                          -- licences in one mail; NULL, here and below: as the settings
	daily INTEGER,                             -- licences within 24 hours
	orders INTEGER,                            -- orders within 24 hours
	products TEXT                              -- "CAD-PRO,cad": SKUs and groups
) STRICT;

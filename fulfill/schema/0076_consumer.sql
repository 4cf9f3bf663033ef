-- 0076_consumer.sql - who buys as a consumer: the law protects them (R9.3).

-- 1: a consumer; their subscriptions have a notice of at most a month.
ALTER TABLE party ADD COLUMN consumer INTEGER NOT NULL DEFAULT 0;

ALTER TABLE stripe_balance DROP COLUMN known;

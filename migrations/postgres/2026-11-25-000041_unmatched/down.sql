DROP TABLE usage_unmatched;

ALTER TABLE poles DROP COLUMN unmatched_usage;

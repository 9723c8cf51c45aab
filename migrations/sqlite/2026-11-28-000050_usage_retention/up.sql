-- Events that happened before are dropped, and none of that time is taken any more; null if none is.
ALTER TABLE usage_books ADD COLUMN dropped_before BIGINT;

-- The rule by which events are dropped: how many whole months they are kept; null for ever.
ALTER TABLE poles ADD COLUMN usage_retention_months INTEGER;

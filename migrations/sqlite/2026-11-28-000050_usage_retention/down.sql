ALTER TABLE poles DROP COLUMN usage_retention_months;
ALTER TABLE usage_books DROP COLUMN dropped_before;

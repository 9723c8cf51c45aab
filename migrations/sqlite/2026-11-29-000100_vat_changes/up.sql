-- What VAT makes of a member and of a service from which day on, where that changes: a JSON list of
-- {"effective_from", "value"}, by day. What stands beside it held before the first of them.
ALTER TABLE members ADD COLUMN vat_regime_changes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE services ADD COLUMN vat_supply_changes TEXT NOT NULL DEFAULT '[]';

ALTER TABLE services DROP COLUMN vat_supply_changes;
ALTER TABLE members DROP COLUMN vat_regime_changes;

DROP INDEX bank_movements_by_counterpart;
ALTER TABLE bank_movements DROP CONSTRAINT bank_movements_counterpart_check;
ALTER TABLE bank_movements DROP CONSTRAINT bank_movements_status_check;
ALTER TABLE bank_movements ADD CONSTRAINT bank_movements_status_check
    CHECK (status IN ('open', 'booked', 'ignored'));
ALTER TABLE bank_movements DROP COLUMN counterpart;
ALTER TABLE payments DROP COLUMN treasury;
DROP TABLE collection_parts;
DROP TABLE collections;
DROP TABLE payment_means;

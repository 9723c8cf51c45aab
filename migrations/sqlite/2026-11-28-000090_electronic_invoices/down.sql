ALTER TABLE members DROP COLUMN purchase_order;
ALTER TABLE members DROP COLUMN electronic_address;

-- What electronic invoices say of a member that nothing else does.

-- Scheme and address of the directory, if not by the SIREN.
ALTER TABLE members ADD COLUMN electronic_address TEXT;
-- The number of the order under which it buys.
ALTER TABLE members ADD COLUMN purchase_order TEXT;

DROP TABLE penalties;
ALTER TABLE members DROP COLUMN invoices_by;
ALTER TABLE invoice_runs DROP COLUMN facts;

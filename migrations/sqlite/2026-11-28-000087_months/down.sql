ALTER TABLE invoice_runs DROP COLUMN facts;

-- How the drafts of a month came about: JSON, a service each, as it was when they were written.
ALTER TABLE invoice_runs ADD COLUMN facts TEXT NOT NULL DEFAULT '[]';

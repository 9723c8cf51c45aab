-- What the bank took out of a batch before it credited it, and the entry that says so.
ALTER TABLE debit_batches ADD COLUMN fees_minor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE debit_batches ADD COLUMN fees_journal TEXT;
ALTER TABLE debit_batches ADD COLUMN fees_year INTEGER;
ALTER TABLE debit_batches ADD COLUMN fees_seq BIGINT;

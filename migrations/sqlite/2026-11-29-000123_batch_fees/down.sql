ALTER TABLE debit_batches DROP COLUMN fees_seq;
ALTER TABLE debit_batches DROP COLUMN fees_year;
ALTER TABLE debit_batches DROP COLUMN fees_journal;
ALTER TABLE debit_batches DROP COLUMN fees_minor;

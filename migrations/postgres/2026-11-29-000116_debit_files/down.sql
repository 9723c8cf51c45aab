DROP TABLE debit_items;
DROP TABLE debit_batches;
DROP TABLE debit_files;
DROP TABLE collection_notices;
DROP TABLE collection_settings;

DROP TABLE transfers;
DROP TABLE transfer_files;
DROP TABLE provider_accounts;

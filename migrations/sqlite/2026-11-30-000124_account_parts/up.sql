-- Which accounts other than the usual one have a part in the books, or had it: entries stay on the account that
-- they were made on.
CREATE TABLE account_parts (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    part TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (pole_id, part, account)
);

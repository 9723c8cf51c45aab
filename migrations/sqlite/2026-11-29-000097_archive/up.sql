-- Files of final documents, kept under their hashes outside the database.
CREATE TABLE archived_files (
    pole_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    form TEXT NOT NULL,
    -- Of its bytes, in hex.
    sha256 TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    archived_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, invoice_id, form),
    FOREIGN KEY (pole_id, invoice_id) REFERENCES invoices (pole_id, invoice_id)
);

-- Documents that became final and whose files are not kept yet: written as they become final, deleted as
-- their files are kept.
CREATE TABLE archive_queue (
    pole_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    -- When it is tried, or tried again.
    run_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    -- Why it was not kept; empty before it was tried.
    last_error TEXT NOT NULL,
    PRIMARY KEY (pole_id, invoice_id),
    FOREIGN KEY (pole_id, invoice_id) REFERENCES invoices (pole_id, invoice_id)
);
CREATE INDEX archive_queue_by_time ON archive_queue (run_at);

CREATE TRIGGER archived_files_are_not_changed BEFORE UPDATE ON archived_files
BEGIN
    SELECT RAISE(ABORT, 'what is archived stays as it is');
END;
CREATE TRIGGER archived_files_are_not_deleted BEFORE DELETE ON archived_files
BEGIN
    SELECT RAISE(ABORT, 'what is archived stays as it is');
END;
-- INSERT OR REPLACE deletes what is in its way without firing the trigger above.
CREATE TRIGGER archived_files_are_not_replaced BEFORE INSERT ON archived_files
WHEN EXISTS (
    SELECT 1 FROM archived_files
    WHERE pole_id = new.pole_id AND invoice_id = new.invoice_id AND form = new.form
)
BEGIN
    SELECT RAISE(IGNORE);
END;

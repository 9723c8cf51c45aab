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

CREATE TRIGGER archived_files_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON archived_files
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

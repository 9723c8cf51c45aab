-- How a pole collects what its members owe.
CREATE TABLE collection_settings (
    pole_id TEXT NOT NULL PRIMARY KEY REFERENCES poles (pole_id),
    -- JSON, as the API takes it.
    document TEXT NOT NULL,
    -- Whether collections are planned by themselves.
    automatic BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- That a member was told how much of a document is collected, on which day and by what.
CREATE TABLE collection_notices (
    pole_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    means_id TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    collect_on TEXT NOT NULL,
    -- The day it was told.
    told_on TEXT NOT NULL,
    PRIMARY KEY (pole_id, invoice_id),
    FOREIGN KEY (pole_id, invoice_id) REFERENCES invoices (pole_id, invoice_id),
    FOREIGN KEY (pole_id, means_id) REFERENCES payment_means (pole_id, means_id)
);

-- A file of direct debits for the pole's bank, as it was written.
CREATE TABLE debit_files (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    file_id TEXT NOT NULL,
    -- What the bank knows it by.
    message_id TEXT NOT NULL,
    -- Which message of ISO 20022 it is.
    format TEXT NOT NULL,
    -- The last day of what was asked for.
    collect_by TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('sent', 'cancelled')),
    -- Why it was cancelled.
    reason TEXT NOT NULL,
    payments INTEGER NOT NULL CHECK (payments > 0),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    sha256 TEXT NOT NULL,
    body BYTEA NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, file_id),
    UNIQUE (pole_id, message_id)
);

-- What of a file the bank credits as one sum.
CREATE TABLE debit_batches (
    pole_id TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    file_id TEXT NOT NULL,
    collect_on TEXT NOT NULL,
    scheme TEXT NOT NULL CHECK (scheme IN ('core', 'b2b')),
    payments INTEGER NOT NULL CHECK (payments > 0),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    -- When it came in, how much that was, and the movement at the bank, where it is known.
    settled_on TEXT,
    settled_minor BIGINT,
    movement_id TEXT,
    PRIMARY KEY (pole_id, batch_id),
    UNIQUE (pole_id, movement_id),
    CHECK ((settled_on IS NULL) = (settled_minor IS NULL)),
    CHECK (movement_id IS NULL OR settled_on IS NOT NULL),
    FOREIGN KEY (pole_id, file_id) REFERENCES debit_files (pole_id, file_id)
);
CREATE INDEX debit_batches_by_file ON debit_batches (pole_id, file_id);

-- Which collections a batch is of.
CREATE TABLE debit_items (
    pole_id TEXT NOT NULL,
    collection_id TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    PRIMARY KEY (pole_id, collection_id),
    FOREIGN KEY (pole_id, collection_id) REFERENCES collections (pole_id, collection_id),
    FOREIGN KEY (pole_id, batch_id) REFERENCES debit_batches (pole_id, batch_id)
);
CREATE INDEX debit_items_by_batch ON debit_items (pole_id, batch_id);

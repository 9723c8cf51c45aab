-- Files exchanged with an approved platform: documents and statuses that it was given, messages that it gave.
CREATE TABLE einvoice_messages (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    message_id TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    -- Out: the name of the file. In: who sent it, and what they call it (MDT-4).
    known_as TEXT NOT NULL,
    -- Of the file's bytes, in hex.
    sha256 TEXT NOT NULL,
    -- The file; empty for a document, which the archive keeps.
    body BLOB NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, message_id),
    UNIQUE (pole_id, direction, known_as)
);

-- What became of final documents, step by step (AFNOR XP Z12-012), in the order in which it was learned.
CREATE TABLE invoice_statuses (
    pole_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    status TEXT NOT NULL,
    -- Who says so: the seller, a platform, the buyer.
    given_by TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    -- Why, as JSON: codes, words, what should be done.
    reasons TEXT NOT NULL,
    note TEXT NOT NULL,
    -- What was collected by rate of VAT, as JSON: of money that came in or went back.
    collected TEXT,
    -- The payment that brought it, or took it back.
    payment_id TEXT,
    -- The message by which it came.
    message_id TEXT,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, invoice_id, seq),
    UNIQUE (pole_id, payment_id, invoice_id),
    CHECK ((status = 'collected') = (collected IS NOT NULL)),
    CHECK ((collected IS NULL) = (payment_id IS NULL)),
    FOREIGN KEY (pole_id, invoice_id) REFERENCES invoices (pole_id, invoice_id),
    FOREIGN KEY (pole_id, payment_id) REFERENCES payments (pole_id, payment_id),
    FOREIGN KEY (pole_id, message_id) REFERENCES einvoice_messages (pole_id, message_id)
);
CREATE INDEX invoice_statuses_by_status ON invoice_statuses (pole_id, status);

-- What waits to be given to the platform: written with what causes it, deleted as it is given.
CREATE TABLE einvoice_outbox (
    pole_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    -- Which status of the document; 0 for the document itself.
    seq INTEGER NOT NULL,
    -- When it is tried, or tried again.
    run_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    -- Why it could not be given; empty before it was tried.
    last_error TEXT NOT NULL,
    PRIMARY KEY (pole_id, invoice_id, seq),
    FOREIGN KEY (pole_id, invoice_id) REFERENCES invoices (pole_id, invoice_id)
);
CREATE INDEX einvoice_outbox_by_time ON einvoice_outbox (run_at);

CREATE TRIGGER einvoice_messages_are_not_changed BEFORE UPDATE ON einvoice_messages
BEGIN
    SELECT RAISE(ABORT, 'einvoice_messages is append-only');
END;
CREATE TRIGGER einvoice_messages_are_not_deleted BEFORE DELETE ON einvoice_messages
BEGIN
    SELECT RAISE(ABORT, 'einvoice_messages is append-only');
END;
-- INSERT OR REPLACE deletes what is in its way without firing the trigger above.
CREATE TRIGGER einvoice_messages_are_not_replaced BEFORE INSERT ON einvoice_messages
WHEN EXISTS (
    SELECT 1 FROM einvoice_messages
    WHERE pole_id = new.pole_id
        AND (
            message_id = new.message_id
            OR (direction = new.direction AND known_as = new.known_as)
        )
)
BEGIN
    SELECT RAISE(ABORT, 'einvoice_messages is append-only');
END;

CREATE TRIGGER invoice_statuses_are_not_changed BEFORE UPDATE ON invoice_statuses
BEGIN
    SELECT RAISE(ABORT, 'invoice_statuses is append-only');
END;
CREATE TRIGGER invoice_statuses_are_not_deleted BEFORE DELETE ON invoice_statuses
BEGIN
    SELECT RAISE(ABORT, 'invoice_statuses is append-only');
END;
CREATE TRIGGER invoice_statuses_are_not_replaced BEFORE INSERT ON invoice_statuses
WHEN EXISTS (
    SELECT 1 FROM invoice_statuses
    WHERE pole_id = new.pole_id AND invoice_id = new.invoice_id
        AND (seq = new.seq OR payment_id = new.payment_id)
)
BEGIN
    SELECT RAISE(ABORT, 'invoice_statuses is append-only');
END;

-- How the drafts of a month came about: JSON, a service each, as it was when they were written.
ALTER TABLE invoice_runs ADD COLUMN facts TEXT NOT NULL DEFAULT '[]';

-- How many invoices a member gets for a month: one for the `period`, or one for each `service`.
ALTER TABLE members ADD COLUMN invoices_by TEXT NOT NULL DEFAULT 'period';

-- What was charged for the delay of a document, by a document of its own. Each row charges the days
-- behind those of the row before it.
CREATE TABLE penalties (
    pole_id TEXT NOT NULL,
    -- The document that was late.
    invoice_id TEXT NOT NULL,
    last_day TEXT NOT NULL,
    -- The document that charges it.
    penalty_id TEXT NOT NULL,
    interest_minor BIGINT NOT NULL CHECK (interest_minor >= 0),
    indemnity_minor BIGINT NOT NULL CHECK (indemnity_minor >= 0),
    charged_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, invoice_id, last_day),
    UNIQUE (pole_id, penalty_id),
    FOREIGN KEY (pole_id, invoice_id) REFERENCES invoices (pole_id, invoice_id),
    FOREIGN KEY (pole_id, penalty_id) REFERENCES invoices (pole_id, invoice_id)
);

CREATE TRIGGER penalties_are_not_changed BEFORE UPDATE ON penalties
BEGIN
    SELECT RAISE(ABORT, 'penalties is append-only');
END;
CREATE TRIGGER penalties_are_not_deleted BEFORE DELETE ON penalties
BEGIN
    SELECT RAISE(ABORT, 'penalties is append-only');
END;
-- INSERT OR REPLACE deletes what is in its way without firing the trigger above.
CREATE TRIGGER penalties_are_not_replaced BEFORE INSERT ON penalties
WHEN EXISTS (
    SELECT 1 FROM penalties WHERE pole_id = new.pole_id AND (
        penalty_id = new.penalty_id OR (invoice_id = new.invoice_id AND last_day = new.last_day)
    )
)
BEGIN
    SELECT RAISE(ABORT, 'penalties is append-only');
END;

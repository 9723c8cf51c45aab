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

CREATE TRIGGER penalties_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON penalties
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- What of each line of a final document was given back, and by which credit note: no line is given back
-- twice. Written in the transaction that makes the credit note final.
CREATE TABLE credited_lines (
    pole_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    -- Of the document, from 1, as on paper.
    line INTEGER NOT NULL,
    credit_id TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    PRIMARY KEY (pole_id, invoice_id, line, credit_id),
    FOREIGN KEY (pole_id, invoice_id) REFERENCES invoices (pole_id, invoice_id),
    FOREIGN KEY (pole_id, credit_id) REFERENCES invoices (pole_id, invoice_id)
);
CREATE INDEX credited_lines_by_credit ON credited_lines (pole_id, credit_id);

CREATE TRIGGER credited_lines_are_not_changed BEFORE UPDATE ON credited_lines
BEGIN
    SELECT RAISE(ABORT, 'what was credited stays: append-only');
END;
CREATE TRIGGER credited_lines_are_not_deleted BEFORE DELETE ON credited_lines
BEGIN
    SELECT RAISE(ABORT, 'what was credited stays: append-only');
END;
-- INSERT OR REPLACE deletes what is in its way without firing the trigger above.
CREATE TRIGGER credited_lines_are_not_replaced BEFORE INSERT ON credited_lines
WHEN EXISTS (
    SELECT 1 FROM credited_lines
    WHERE pole_id = new.pole_id AND invoice_id = new.invoice_id
        AND line = new.line AND credit_id = new.credit_id
)
BEGIN
    SELECT RAISE(ABORT, 'what was credited stays: append-only');
END;

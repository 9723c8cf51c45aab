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

CREATE TRIGGER credited_lines_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credited_lines
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- Money that came in or went out, or was lost for good, and what a mistake of these is taken back by.
-- The entry in the journal is of the same transaction.
CREATE TABLE payments (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    payment_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    method TEXT NOT NULL,
    -- The day it was booked at the bank, or decided.
    paid_on TEXT NOT NULL,
    currency TEXT NOT NULL,
    -- Above zero what came in, below what went out; nothing where no money moved.
    amount_minor BIGINT NOT NULL,
    -- By how much it changes what stands to the member's credit.
    credit_minor BIGINT NOT NULL,
    reference TEXT NOT NULL,
    note TEXT NOT NULL,
    -- What the movement is known by in bank files.
    statement_key TEXT,
    -- The payment that this one takes back.
    reverses TEXT,
    journal TEXT NOT NULL,
    year INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, payment_id),
    UNIQUE (pole_id, statement_key),
    UNIQUE (pole_id, reverses),
    UNIQUE (pole_id, journal, year, seq),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id),
    FOREIGN KEY (pole_id, reverses) REFERENCES payments (pole_id, payment_id),
    FOREIGN KEY (pole_id, journal, year, seq)
        REFERENCES journal_entries (pole_id, journal, year, seq)
);
CREATE INDEX payments_by_member ON payments (pole_id, member_id, payment_id);

-- What of a document is settled by a payment: above zero of an invoice, below of a credit note, and
-- the other way round where it is taken back.
CREATE TABLE payment_allocations (
    pole_id TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
    PRIMARY KEY (pole_id, payment_id, invoice_id),
    FOREIGN KEY (pole_id, payment_id) REFERENCES payments (pole_id, payment_id),
    FOREIGN KEY (pole_id, invoice_id) REFERENCES invoices (pole_id, invoice_id)
);
CREATE INDEX payment_allocations_by_invoice ON payment_allocations (pole_id, invoice_id);

CREATE TRIGGER payments_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments
FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER payment_allocations_are_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_allocations
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- Of a document of the same member and currency that is final, between nothing and all is settled.
CREATE FUNCTION payment_allocations_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total BIGINT;
    settled BIGINT;
BEGIN
    SELECT CASE WHEN i.kind IN ('credit_note', 'rebate') THEN -i.gross_minor ELSE i.gross_minor END
    INTO total
    FROM invoices i
    JOIN payments p ON p.pole_id = i.pole_id AND p.member_id = i.member_id
        AND p.currency = i.currency
    WHERE i.pole_id = new.pole_id AND i.invoice_id = new.invoice_id AND i.status = 'final'
        AND p.payment_id = new.payment_id
    -- Who settles the same document meanwhile waits.
    FOR UPDATE OF i;
    SELECT new.amount_minor + coalesce(sum(a.amount_minor), 0) INTO settled
    FROM payment_allocations a
    WHERE a.pole_id = new.pole_id AND a.invoice_id = new.invoice_id;
    IF total IS NULL OR settled NOT BETWEEN least(total, 0) AND greatest(total, 0) THEN
        RAISE EXCEPTION 'a document is not settled by more than it came to';
    END IF;
    RETURN new;
END
$$;
CREATE TRIGGER payment_allocations_fit BEFORE INSERT ON payment_allocations
FOR EACH ROW EXECUTE FUNCTION payment_allocations_fit();

CREATE TABLE bank_movements_before (
    pole_id TEXT NOT NULL,
    movement_id TEXT NOT NULL,
    -- The statement that told of it first.
    statement_id TEXT NOT NULL,
    -- What it is known by in every file of its kind.
    statement_key TEXT NOT NULL,
    account TEXT NOT NULL,
    -- Where it stands in the file.
    line BIGINT NOT NULL,
    booked_on TEXT NOT NULL,
    value_on TEXT NOT NULL,
    currency TEXT NOT NULL,
    -- Above zero what came in.
    amount_minor BIGINT NOT NULL,
    -- Whether it takes an earlier movement back, and why.
    reversal BOOLEAN NOT NULL,
    return_reason TEXT,
    bank_reference TEXT,
    counterparty TEXT,
    on_behalf_of TEXT,
    counterparty_iban TEXT,
    remittance TEXT NOT NULL,
    structured_reference TEXT,
    end_to_end TEXT,
    -- A movement of the same day and amount that another kind of file told of, or that its own file
    -- calls otherwise: perhaps the same.
    resembles TEXT,
    status TEXT NOT NULL CHECK (status IN ('open', 'booked', 'ignored')),
    payment_id TEXT,
    -- Why it is ignored.
    reason TEXT NOT NULL,
    -- How many payments were made of it: one, but for mistakes that were taken back.
    bookings BIGINT NOT NULL,
    version BIGINT NOT NULL,
    imported_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, movement_id),
    UNIQUE (pole_id, statement_key),
    UNIQUE (pole_id, payment_id),
    CHECK ((status = 'booked') = (payment_id IS NOT NULL)),
    FOREIGN KEY (pole_id, statement_id) REFERENCES bank_statements (pole_id, statement_id),
    FOREIGN KEY (pole_id, resembles) REFERENCES bank_movements_before (pole_id, movement_id),
    FOREIGN KEY (pole_id, payment_id) REFERENCES payments (pole_id, payment_id)
);
INSERT INTO bank_movements_before SELECT pole_id, movement_id, statement_id, statement_key, account, line, booked_on, value_on, currency, amount_minor, reversal, return_reason, bank_reference, counterparty, on_behalf_of, counterparty_iban, remittance, structured_reference, end_to_end, resembles, status, payment_id, reason, bookings, version, imported_at
FROM bank_movements;
DROP TABLE bank_movements;
ALTER TABLE bank_movements_before RENAME TO bank_movements;
CREATE INDEX bank_movements_by_status ON bank_movements (pole_id, status, movement_id);
CREATE INDEX bank_movements_by_day ON bank_movements (pole_id, account, booked_on);

-- What the bank told never changes; what became of it may.
CREATE TRIGGER bank_movements_stay_as_told BEFORE UPDATE OF
    pole_id, movement_id, statement_id, statement_key, account, line, booked_on, value_on, currency,
    amount_minor, reversal, return_reason, bank_reference, counterparty, on_behalf_of,
    counterparty_iban, remittance, structured_reference, end_to_end, resembles, imported_at
ON bank_movements
BEGIN
    SELECT RAISE(ABORT, 'bank_movements is append-only');
END;
CREATE TRIGGER bank_movements_are_not_deleted BEFORE DELETE ON bank_movements
BEGIN
    SELECT RAISE(ABORT, 'bank_movements is append-only');
END;
CREATE TRIGGER bank_movements_are_not_replaced BEFORE INSERT ON bank_movements
WHEN EXISTS (
    SELECT 1 FROM bank_movements
    WHERE pole_id = new.pole_id AND movement_id = new.movement_id
) OR EXISTS (
    SELECT 1 FROM bank_movements
    WHERE pole_id = new.pole_id AND statement_key = new.statement_key
) OR EXISTS (
    SELECT 1 FROM bank_movements
    WHERE pole_id = new.pole_id AND payment_id = new.payment_id
)
BEGIN
    SELECT RAISE(ABORT, 'bank_movements is append-only');
END;
ALTER TABLE payments DROP COLUMN treasury;
DROP TABLE collection_parts;
DROP TABLE collections;
DROP TABLE payment_means;

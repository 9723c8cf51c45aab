-- What providers bill to the pole. The entry in the journal is of the same transaction.
CREATE TABLE provider_bills (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    bill_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    -- Its number, as the provider gives it.
    number TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    currency TEXT NOT NULL,
    -- JSON: what it is for, by VAT, as the API shows it.
    lines TEXT NOT NULL,
    net_minor BIGINT NOT NULL,
    -- With VAT.
    total_minor BIGINT NOT NULL CHECK (total_minor > 0),
    -- When its VAT is due from the provider, and can be deducted.
    vat_due TEXT NOT NULL CHECK (vat_due IN ('on_receipt', 'on_debits')),
    -- What its payment is to name; its number, if nothing is said.
    reference TEXT,
    status TEXT NOT NULL CHECK (status IN ('open', 'paid', 'cancelled')),
    -- Why it was cancelled.
    reason TEXT NOT NULL,
    journal TEXT NOT NULL,
    year INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    -- The entry that takes it back.
    back_journal TEXT,
    back_year INTEGER,
    back_seq BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, bill_id),
    CHECK ((status = 'cancelled') = (back_seq IS NOT NULL)),
    FOREIGN KEY (pole_id, provider_id) REFERENCES providers (pole_id, provider_id),
    FOREIGN KEY (pole_id, journal, year, seq)
        REFERENCES journal_entries (pole_id, journal, year, seq),
    FOREIGN KEY (pole_id, back_journal, back_year, back_seq)
        REFERENCES journal_entries (pole_id, journal, year, seq)
);
CREATE UNIQUE INDEX provider_bills_by_number ON provider_bills (pole_id, provider_id, number)
    WHERE status <> 'cancelled';
CREATE INDEX provider_bills_by_due_day ON provider_bills (pole_id, status, due_on);

-- What a provider billed never changes; what became of it may.
CREATE TRIGGER provider_bills_stay_as_billed BEFORE UPDATE OF
    pole_id, bill_id, provider_id, number, issued_on, due_on, currency, lines, net_minor, total_minor,
    vat_due, reference, journal, year, seq, created_at
ON provider_bills
BEGIN
    SELECT RAISE(ABORT, 'provider_bills is append-only');
END;
CREATE TRIGGER provider_bills_are_not_deleted BEFORE DELETE ON provider_bills
BEGIN
    SELECT RAISE(ABORT, 'provider_bills is append-only');
END;
-- INSERT OR REPLACE deletes what is in its way without firing the trigger above.
CREATE TRIGGER provider_bills_are_not_replaced BEFORE INSERT ON provider_bills
WHEN EXISTS (
    SELECT 1 FROM provider_bills
    WHERE pole_id = new.pole_id AND bill_id = new.bill_id
) OR EXISTS (
    SELECT 1 FROM provider_bills
    WHERE pole_id = new.pole_id AND provider_id = new.provider_id AND number = new.number
        AND status <> 'cancelled'
)
BEGIN
    SELECT RAISE(ABORT, 'provider_bills is append-only');
END;

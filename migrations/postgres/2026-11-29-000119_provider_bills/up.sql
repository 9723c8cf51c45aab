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
CREATE TRIGGER provider_bills_are_append_only BEFORE DELETE OR TRUNCATE ON provider_bills
FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER provider_bills_stay_as_billed BEFORE UPDATE OF
    pole_id, bill_id, provider_id, number, issued_on, due_on, currency, lines, net_minor, total_minor,
    vat_due, reference, journal, year, seq, created_at
ON provider_bills FOR EACH STATEMENT EXECUTE FUNCTION append_only();

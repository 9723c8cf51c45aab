-- How a pole bills: who it is on its documents, its bank account, its numbers, its notes.
CREATE TABLE billing_settings (
    pole_id TEXT NOT NULL PRIMARY KEY REFERENCES poles (pole_id),
    -- JSON, as the API shows it.
    document TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- What VAT makes of a service, and the account its revenue stands on; that of the chart, if none.
ALTER TABLE services ADD COLUMN vat_supply TEXT NOT NULL DEFAULT 'standard';
ALTER TABLE services ADD COLUMN revenue_account TEXT;

-- What changed of a month after it was closed: events that came in late, and events of it that were
-- voided since. Written in the transaction of the change.
CREATE TABLE usage_late (
    pole_id TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    -- Whether it no longer counts, or counts since.
    voided BOOLEAN NOT NULL,
    series_id BIGINT NOT NULL,
    quantity_micros BIGINT NOT NULL,
    -- The value of the meter's property, if its days cannot be added up.
    level TEXT,
    -- The period with which it is billed, YYYY-MM; none yet.
    billed_with TEXT,
    PRIMARY KEY (pole_id, happened_at, event_id, voided)
);
CREATE INDEX usage_late_by_period ON usage_late (pole_id, billed_with);

-- A month that is invoiced, from the moment its books are closed.
CREATE TABLE invoice_runs (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    -- YYYY-MM.
    period TEXT NOT NULL,
    status TEXT NOT NULL,
    actor TEXT NOT NULL,
    frozen_at BIGINT NOT NULL,
    drafted_at BIGINT,
    PRIMARY KEY (pole_id, period)
);

-- What each charge of a tariff billed each member for the usage of a month; corrections of a month
-- stand beside it, with the period they were billed with.
CREATE TABLE billed_charges (
    pole_id TEXT NOT NULL,
    service_id TEXT NOT NULL,
    period TEXT NOT NULL,
    tariff_id TEXT NOT NULL,
    -- Of the charge in its tariff, from 0.
    position INTEGER NOT NULL,
    member_id TEXT NOT NULL,
    billed_with TEXT NOT NULL,
    -- What was billed for, in units.
    quantity_micros BIGINT NOT NULL,
    -- All lines of the charge.
    amount_minor BIGINT NOT NULL,
    -- Those of usage and of its adjustments, by which a contract year is carried on.
    year_minor BIGINT NOT NULL,
    PRIMARY KEY (pole_id, service_id, period, tariff_id, position, member_id, billed_with),
    FOREIGN KEY (pole_id, service_id) REFERENCES services (pole_id, service_id),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id)
);
CREATE INDEX billed_charges_by_run ON billed_charges (pole_id, billed_with);

-- Numbers of a series, in the order in which they were given, and the seal of the last document.
-- Taking the row serialises those who finalise.
CREATE TABLE invoice_series (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    series TEXT NOT NULL,
    -- 0 for a series that does not begin anew each year.
    year INTEGER NOT NULL,
    last_seq BIGINT NOT NULL,
    last_day TEXT NOT NULL,
    seal TEXT NOT NULL,
    PRIMARY KEY (pole_id, series, year)
);

CREATE TABLE invoices (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    invoice_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    -- YYYY-MM.
    period TEXT NOT NULL,
    -- Which of the member's documents of the period: `services` and `fees` are those of the run, any
    -- other has its own id here.
    part TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    net_minor BIGINT NOT NULL,
    vat_minor BIGINT NOT NULL,
    gross_minor BIGINT NOT NULL,
    -- Canonical JSON; sealed as it is once the document is final.
    document TEXT NOT NULL,
    -- Why it is held, or what was changed by hand.
    remark TEXT NOT NULL,
    -- All of these from the moment it is final.
    series TEXT,
    year INTEGER,
    seq BIGINT,
    number TEXT,
    issued_on TEXT,
    due_on TEXT,
    seal TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, invoice_id),
    -- One bill per member, period and part, whoever runs the job and however often.
    UNIQUE (pole_id, period, member_id, part),
    UNIQUE (pole_id, number),
    UNIQUE (pole_id, series, year, seq),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id),
    CHECK ((status = 'final') = (number IS NOT NULL)),
    CHECK (net_minor + vat_minor = gross_minor)
);
CREATE INDEX invoices_by_member ON invoices (pole_id, member_id, invoice_id);

-- Numbers of a journal's entries.
CREATE TABLE journal_numbers (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    journal TEXT NOT NULL,
    year INTEGER NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (pole_id, journal, year)
);

CREATE TABLE journal_entries (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    journal TEXT NOT NULL,
    year INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    entry_on TEXT NOT NULL,
    -- The document behind it, and its date.
    piece TEXT NOT NULL,
    piece_on TEXT NOT NULL,
    label TEXT NOT NULL,
    invoice_id TEXT,
    -- Of its debits, and of its credits.
    total_minor BIGINT NOT NULL CHECK (total_minor >= 0),
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, journal, year, seq),
    FOREIGN KEY (pole_id, invoice_id) REFERENCES invoices (pole_id, invoice_id)
);
CREATE INDEX journal_entries_by_day ON journal_entries (pole_id, entry_on);

-- The lines of an entry are written before it, and none after.
CREATE TABLE journal_lines (
    pole_id TEXT NOT NULL,
    journal TEXT NOT NULL,
    year INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    line INTEGER NOT NULL,
    account TEXT NOT NULL,
    account_label TEXT NOT NULL,
    -- A customer's or a provider's own account, and its name.
    auxiliary TEXT,
    auxiliary_label TEXT,
    label TEXT NOT NULL,
    debit_minor BIGINT NOT NULL CHECK (debit_minor >= 0),
    credit_minor BIGINT NOT NULL CHECK (credit_minor >= 0),
    service_id TEXT,
    PRIMARY KEY (pole_id, journal, year, seq, line),
    FOREIGN KEY (pole_id, journal, year, seq)
        REFERENCES journal_entries (pole_id, journal, year, seq) DEFERRABLE INITIALLY DEFERRED,
    CHECK ((debit_minor = 0) <> (credit_minor = 0))
);
CREATE INDEX journal_lines_by_account ON journal_lines (pole_id, account, auxiliary);

CREATE TRIGGER final_invoices_are_not_changed BEFORE UPDATE ON invoices
WHEN old.status = 'final'
BEGIN
    SELECT RAISE(ABORT, 'a final document never changes');
END;
CREATE TRIGGER final_invoices_are_not_deleted BEFORE DELETE ON invoices
WHEN old.status = 'final'
BEGIN
    SELECT RAISE(ABORT, 'a final document never changes');
END;
-- INSERT OR REPLACE and UPDATE OR REPLACE delete what is in their way without firing the trigger above.
CREATE TRIGGER final_invoices_are_not_pushed_out BEFORE UPDATE ON invoices
WHEN EXISTS (
    SELECT 1 FROM invoices
    WHERE pole_id = new.pole_id AND status = 'final'
        AND NOT (pole_id = old.pole_id AND invoice_id = old.invoice_id)
        AND (
            invoice_id = new.invoice_id OR number = new.number
            OR (period = new.period AND member_id = new.member_id AND part = new.part)
            OR (series = new.series AND year = new.year AND seq = new.seq)
        )
)
BEGIN
    SELECT RAISE(ABORT, 'a final document never changes');
END;
CREATE TRIGGER final_invoices_are_not_replaced BEFORE INSERT ON invoices
WHEN EXISTS (
    SELECT 1 FROM invoices
    WHERE pole_id = new.pole_id AND status = 'final'
        AND (
            invoice_id = new.invoice_id OR number = new.number
            OR (period = new.period AND member_id = new.member_id AND part = new.part)
            OR (series = new.series AND year = new.year AND seq = new.seq)
        )
)
BEGIN
    SELECT RAISE(ABORT, 'a final document never changes');
END;

CREATE TRIGGER journal_entries_balance BEFORE INSERT ON journal_entries
WHEN new.total_minor <> (
    SELECT coalesce(sum(debit_minor), -1) FROM journal_lines
    WHERE pole_id = new.pole_id AND journal = new.journal AND year = new.year AND seq = new.seq
) OR new.total_minor <> (
    SELECT coalesce(sum(credit_minor), -1) FROM journal_lines
    WHERE pole_id = new.pole_id AND journal = new.journal AND year = new.year AND seq = new.seq
)
BEGIN
    SELECT RAISE(ABORT, 'an entry of the journal balances');
END;
CREATE TRIGGER journal_entries_are_not_changed BEFORE UPDATE ON journal_entries
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER journal_entries_are_not_deleted BEFORE DELETE ON journal_entries
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER journal_entries_are_not_replaced BEFORE INSERT ON journal_entries
WHEN EXISTS (
    SELECT 1 FROM journal_entries
    WHERE pole_id = new.pole_id AND journal = new.journal AND year = new.year AND seq = new.seq
)
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER journal_lines_come_first BEFORE INSERT ON journal_lines
WHEN EXISTS (
    SELECT 1 FROM journal_entries
    WHERE pole_id = new.pole_id AND journal = new.journal AND year = new.year AND seq = new.seq
)
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER journal_lines_are_not_changed BEFORE UPDATE ON journal_lines
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER journal_lines_are_not_deleted BEFORE DELETE ON journal_lines
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

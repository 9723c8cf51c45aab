-- By what a member lets itself be collected: a mandate for direct debits that the pole gives its bank, or a
-- card or an account that a payment provider keeps.
CREATE TABLE payment_means (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    means_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('mandate', 'stripe_card', 'stripe_sepa')),
    status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'ended')),
    -- Whether what the member owes is collected by this one.
    is_default BOOLEAN NOT NULL,
    -- By what people know it: Visa •••• 4242.
    label TEXT NOT NULL,
    -- JSON: what is known of it, by its kind.
    details TEXT NOT NULL,
    -- What it is called outside: the reference of the mandate, the id at the provider.
    external_id TEXT,
    -- Why it ended.
    reason TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, means_id),
    UNIQUE (pole_id, external_id),
    CHECK (status = 'active' OR NOT is_default),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id)
);
CREATE INDEX payment_means_by_member ON payment_means (pole_id, member_id, means_id);
CREATE UNIQUE INDEX payment_means_one_default ON payment_means (pole_id, member_id) WHERE is_default;

-- Money that is asked for by a member's means of payment, until it came in or did not.
CREATE TABLE collections (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    collection_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    -- None where the member pays by itself, on a page of the provider.
    means_id TEXT,
    channel TEXT NOT NULL CHECK (channel IN ('bank', 'stripe')),
    status TEXT NOT NULL
        CHECK (status IN ('planned', 'sent', 'processing', 'succeeded', 'failed', 'cancelled', 'returned')),
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    -- The day the member is debited.
    collect_on TEXT NOT NULL,
    -- The day the member was told of day and amount.
    announced_on TEXT,
    -- Which try it is for its documents, from 1.
    attempt INTEGER NOT NULL,
    -- What it is called outside: at the provider, or from end to end.
    external_id TEXT,
    -- The file by which it was sent.
    file_id TEXT,
    -- Why it did not come in, or came back: a code of the bank's or the provider's, and in words.
    failure_code TEXT,
    failure_reason TEXT,
    -- What it became in the books.
    payment_id TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, collection_id),
    UNIQUE (pole_id, external_id),
    UNIQUE (pole_id, payment_id),
    CHECK ((status IN ('succeeded', 'returned')) = (payment_id IS NOT NULL)),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id),
    FOREIGN KEY (pole_id, means_id) REFERENCES payment_means (pole_id, means_id),
    FOREIGN KEY (pole_id, payment_id) REFERENCES payments (pole_id, payment_id)
);
CREATE INDEX collections_by_status ON collections (pole_id, status, collection_id);
CREATE INDEX collections_by_member ON collections (pole_id, member_id, collection_id);
CREATE INDEX collections_by_file ON collections (pole_id, file_id);

-- What of a document is collected. While one collection of it is on its way there is no other: nobody is
-- debited twice.
CREATE TABLE collection_parts (
    pole_id TEXT NOT NULL,
    collection_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    -- Whether the collection is planned or on its way.
    live BOOLEAN NOT NULL,
    PRIMARY KEY (pole_id, collection_id, invoice_id),
    FOREIGN KEY (pole_id, collection_id) REFERENCES collections (pole_id, collection_id),
    FOREIGN KEY (pole_id, invoice_id) REFERENCES invoices (pole_id, invoice_id)
);
CREATE UNIQUE INDEX collection_parts_one_live ON collection_parts (pole_id, invoice_id) WHERE live;
CREATE INDEX collection_parts_by_invoice ON collection_parts (pole_id, invoice_id);

-- Where the money of a payment is: at the bank, or at the provider until it pays out. By the method, where
-- nothing is said: a card's is at the provider.
ALTER TABLE payments ADD COLUMN treasury TEXT CHECK (treasury IN ('bank', 'provider'));

-- A movement may be the sum of what is in the books already: what a provider pays out, or a file of direct
-- debits. Which one. SQLite changes no check: the table is made anew.
CREATE TABLE bank_movements_next (
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
    status TEXT NOT NULL CHECK (status IN ('open', 'booked', 'reconciled', 'ignored')),
    payment_id TEXT,
    -- Why it is ignored.
    reason TEXT NOT NULL,
    -- How many payments were made of it: one, but for mistakes that were taken back.
    bookings BIGINT NOT NULL,
    version BIGINT NOT NULL,
    imported_at BIGINT NOT NULL,
    counterpart TEXT,
    PRIMARY KEY (pole_id, movement_id),
    UNIQUE (pole_id, statement_key),
    UNIQUE (pole_id, payment_id),
    CHECK ((status = 'booked') = (payment_id IS NOT NULL)),
    CHECK ((status = 'reconciled') = (counterpart IS NOT NULL)),
    FOREIGN KEY (pole_id, statement_id) REFERENCES bank_statements (pole_id, statement_id),
    FOREIGN KEY (pole_id, resembles) REFERENCES bank_movements_next (pole_id, movement_id),
    FOREIGN KEY (pole_id, payment_id) REFERENCES payments (pole_id, payment_id)
);
INSERT INTO bank_movements_next SELECT *, NULL FROM bank_movements;
DROP TABLE bank_movements;
ALTER TABLE bank_movements_next RENAME TO bank_movements;
CREATE INDEX bank_movements_by_status ON bank_movements (pole_id, status, movement_id);
CREATE INDEX bank_movements_by_day ON bank_movements (pole_id, account, booked_on);

CREATE UNIQUE INDEX bank_movements_by_counterpart ON bank_movements (pole_id, counterpart);

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

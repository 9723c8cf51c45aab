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
-- debits. Which one.
ALTER TABLE bank_movements ADD COLUMN counterpart TEXT;
ALTER TABLE bank_movements DROP CONSTRAINT bank_movements_status_check;
ALTER TABLE bank_movements ADD CONSTRAINT bank_movements_status_check
    CHECK (status IN ('open', 'booked', 'reconciled', 'ignored'));
ALTER TABLE bank_movements ADD CONSTRAINT bank_movements_counterpart_check
    CHECK ((status = 'reconciled') = (counterpart IS NOT NULL));

CREATE UNIQUE INDEX bank_movements_by_counterpart ON bank_movements (pole_id, counterpart);

-- The account at Stripe by which a pole collects.
CREATE TABLE stripe_accounts (
    pole_id TEXT NOT NULL PRIMARY KEY REFERENCES poles (pole_id),
    -- The secret key and what webhooks are signed with, encrypted.
    keys BLOB NOT NULL,
    -- JSON, as the API takes it, without what is secret.
    document TEXT NOT NULL,
    -- Until when events were listed, and all else looked at that webhooks may have missed.
    looked_at BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- What members are called there.
CREATE TABLE stripe_customers (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    member_id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, member_id),
    UNIQUE (pole_id, customer_id),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id)
);

-- What Stripe told, kept before anything is done about it, also what nobody here knows.
CREATE TABLE stripe_events (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- What it is about.
    object_id TEXT NOT NULL,
    -- When it happened there.
    happened_at BIGINT NOT NULL,
    -- As it came.
    body BLOB NOT NULL,
    -- Whether it was found in the list, since its webhook never came.
    listed BOOLEAN NOT NULL,
    received_at BIGINT NOT NULL,
    handled_at BIGINT,
    -- What was done about it, or why nothing could be yet.
    outcome TEXT NOT NULL,
    PRIMARY KEY (pole_id, event_id)
);
CREATE INDEX stripe_events_to_handle ON stripe_events (pole_id, received_at) WHERE handled_at IS NULL;

-- Refunds, which are payments that went back: each is booked once.
CREATE TABLE stripe_refunds (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    refund_id TEXT NOT NULL,
    collection_id TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    status TEXT NOT NULL,
    payment_id TEXT,
    booked_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, refund_id),
    FOREIGN KEY (pole_id, collection_id) REFERENCES collections (pole_id, collection_id),
    FOREIGN KEY (pole_id, payment_id) REFERENCES payments (pole_id, payment_id)
);

-- What Stripe paid out to the bank, with its entry in the journal; and with another, if it came back.
CREATE TABLE stripe_payouts (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    payout_id TEXT NOT NULL,
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    -- What Stripe kept for itself of what it paid out.
    fees_minor BIGINT NOT NULL,
    arrives_on TEXT NOT NULL,
    -- What stands on the bank statement.
    descriptor TEXT NOT NULL,
    journal TEXT,
    year INTEGER,
    seq BIGINT,
    back_journal TEXT,
    back_year INTEGER,
    back_seq BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, payout_id),
    FOREIGN KEY (pole_id, journal, year, seq)
        REFERENCES journal_entries (pole_id, journal, year, seq),
    FOREIGN KEY (pole_id, back_journal, back_year, back_seq)
        REFERENCES journal_entries (pole_id, journal, year, seq)
);

-- What moved on the balance at Stripe, and by which payout it left.
CREATE TABLE stripe_balance (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    transaction_id TEXT NOT NULL,
    payout_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The charge, refund or dispute that it is of.
    source_id TEXT,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    fee_minor BIGINT NOT NULL,
    net_minor BIGINT NOT NULL,
    happened_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, transaction_id),
    CHECK (net_minor = amount_minor - fee_minor),
    FOREIGN KEY (pole_id, payout_id) REFERENCES stripe_payouts (pole_id, payout_id)
);
CREATE INDEX stripe_balance_by_payout ON stripe_balance (pole_id, payout_id);

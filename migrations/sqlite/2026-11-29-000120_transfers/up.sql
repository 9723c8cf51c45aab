-- Accounts to which providers are paid. One that was given is paid to once somebody else has confirmed it:
-- the account that a letter in a provider's name asks to be paid to may be anybody's.
CREATE TABLE provider_accounts (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    account_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    -- Whose account it is.
    holder TEXT NOT NULL,
    -- Where it is: at a bank, or at Stripe.
    channel TEXT NOT NULL CHECK (channel IN ('bank', 'stripe')),
    -- An IBAN, or what Stripe calls it.
    number TEXT NOT NULL,
    bic TEXT,
    -- JSON: where the holder sits, if the bank needs it.
    address TEXT,
    status TEXT NOT NULL CHECK (status IN ('pending', 'confirmed', 'ended')),
    -- Who gave it, and who confirmed it: ids of users or keys, or operator.
    given_by TEXT NOT NULL,
    confirmed_by TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, account_id),
    CHECK (confirmed_by IS NULL OR confirmed_by <> given_by),
    CHECK (status <> 'confirmed' OR confirmed_by IS NOT NULL),
    FOREIGN KEY (pole_id, provider_id) REFERENCES providers (pole_id, provider_id)
);
CREATE INDEX provider_accounts_by_provider ON provider_accounts (pole_id, provider_id, account_id);
CREATE UNIQUE INDEX provider_accounts_one_pending ON provider_accounts (pole_id, provider_id)
    WHERE status = 'pending';
CREATE UNIQUE INDEX provider_accounts_one_confirmed ON provider_accounts (pole_id, provider_id)
    WHERE status = 'confirmed';

-- A file of transfers for the pole's bank, as it was written.
CREATE TABLE transfer_files (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    file_id TEXT NOT NULL,
    -- What the bank knows it by.
    message_id TEXT NOT NULL,
    -- Which message of ISO 20022 it is.
    format TEXT NOT NULL,
    -- The last day of what was asked for.
    execute_by TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('sent', 'cancelled')),
    -- Why it was cancelled.
    reason TEXT NOT NULL,
    payments INTEGER NOT NULL CHECK (payments > 0),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    sha256 TEXT NOT NULL,
    body BLOB NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, file_id),
    UNIQUE (pole_id, message_id)
);

-- Money that goes out: to a provider for its bill, or back to a member out of its credit.
CREATE TABLE transfers (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    transfer_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('bill', 'credit')),
    provider_id TEXT,
    bill_id TEXT,
    member_id TEXT,
    status TEXT NOT NULL
        CHECK (status IN ('planned', 'sent', 'executed', 'rejected', 'returned', 'cancelled')),
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    -- The day the pole's account is debited.
    execute_on TEXT NOT NULL,
    -- By whom it was sent.
    channel TEXT CHECK (channel IN ('bank', 'stripe')),
    -- What it is for, as the payee reads it.
    reference TEXT NOT NULL,
    -- Who is credited: a provider as its account stood when it was sent.
    holder TEXT,
    -- An IBAN, or what Stripe calls the account.
    number TEXT,
    bic TEXT,
    -- JSON.
    address TEXT,
    -- What it is called from end to end, or by Stripe.
    external_id TEXT,
    -- The file by which it was sent, and what of that the bank debits as one sum.
    file_id TEXT,
    batch_id TEXT,
    -- Why it was not executed, has to wait, or came back: a code of the bank's or of Stripe's, and in words.
    failure_code TEXT,
    failure_reason TEXT,
    -- When it was executed, and the movement at the bank, where it is known.
    executed_on TEXT,
    movement_id TEXT,
    -- What it became in the books: a refund of a member's, or the entry of a provider's bill.
    payment_id TEXT,
    journal TEXT,
    year INTEGER,
    seq BIGINT,
    -- The entry of the same journal that takes it back.
    back_year INTEGER,
    back_seq BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, transfer_id),
    UNIQUE (pole_id, external_id),
    UNIQUE (pole_id, payment_id),
    CHECK ((kind = 'bill') = (bill_id IS NOT NULL)),
    CHECK ((kind = 'bill') = (provider_id IS NOT NULL)),
    CHECK ((kind = 'credit') = (member_id IS NOT NULL)),
    CHECK (status <> 'sent' OR channel IS NOT NULL),
    CHECK (channel <> 'bank' OR file_id IS NOT NULL),
    CHECK (channel <> 'stripe' OR (number IS NOT NULL AND file_id IS NULL)),
    CHECK ((status IN ('executed', 'returned')) = (executed_on IS NOT NULL)),
    FOREIGN KEY (pole_id, provider_id) REFERENCES providers (pole_id, provider_id),
    FOREIGN KEY (pole_id, bill_id) REFERENCES provider_bills (pole_id, bill_id),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id),
    FOREIGN KEY (pole_id, file_id) REFERENCES transfer_files (pole_id, file_id),
    FOREIGN KEY (pole_id, payment_id) REFERENCES payments (pole_id, payment_id),
    FOREIGN KEY (pole_id, journal, year, seq)
        REFERENCES journal_entries (pole_id, journal, year, seq),
    FOREIGN KEY (pole_id, journal, back_year, back_seq)
        REFERENCES journal_entries (pole_id, journal, year, seq)
);
CREATE INDEX transfers_by_status ON transfers (pole_id, status, transfer_id);
CREATE INDEX transfers_by_file ON transfers (pole_id, file_id);
CREATE INDEX transfers_by_batch ON transfers (pole_id, batch_id);
-- A bill is paid once.
CREATE UNIQUE INDEX transfers_one_live ON transfers (pole_id, bill_id)
    WHERE status IN ('planned', 'sent', 'executed');

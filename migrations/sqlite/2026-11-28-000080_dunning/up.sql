-- How a pole writes to members that are late.
CREATE TABLE dunning_settings (
    pole_id TEXT NOT NULL PRIMARY KEY REFERENCES poles (pole_id),
    -- JSON, as the API takes it.
    document TEXT NOT NULL,
    -- Whether letters go out by themselves.
    automatic BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- A letter to a member that is late. Its mail is queued in the same transaction.
CREATE TABLE dunning_letters (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    letter_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    level TEXT NOT NULL,
    -- Of what is open, and of the interest; the indemnity is in euros.
    currency TEXT NOT NULL,
    -- The day it was in the pole.
    sent_on TEXT NOT NULL,
    email TEXT NOT NULL,
    -- An id of a user or a key, operator, or palier where it went out by itself.
    actor TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, letter_id),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id)
);
CREATE INDEX dunning_letters_by_member ON dunning_letters (pole_id, member_id, letter_id);

-- A document that a letter is about. The key is what keeps a letter from going out twice.
CREATE TABLE dunning_notices (
    pole_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    level TEXT NOT NULL,
    letter_id TEXT NOT NULL,
    open_minor BIGINT NOT NULL CHECK (open_minor > 0),
    -- What the letter claims for the delay.
    interest_minor BIGINT,
    indemnity_minor BIGINT,
    PRIMARY KEY (pole_id, invoice_id, level),
    FOREIGN KEY (pole_id, letter_id) REFERENCES dunning_letters (pole_id, letter_id),
    FOREIGN KEY (pole_id, invoice_id) REFERENCES invoices (pole_id, invoice_id)
);
CREATE INDEX dunning_notices_by_letter ON dunning_notices (pole_id, letter_id);

-- Documents that nobody is written to about for now.
CREATE TABLE dunning_pauses (
    pole_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- The last day of it; until somebody ends it, if none.
    last_day TEXT,
    actor TEXT NOT NULL,
    paused_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, invoice_id),
    FOREIGN KEY (pole_id, invoice_id) REFERENCES invoices (pole_id, invoice_id)
);

CREATE TRIGGER dunning_letters_are_not_changed BEFORE UPDATE ON dunning_letters
BEGIN
    SELECT RAISE(ABORT, 'dunning_letters is append-only');
END;
CREATE TRIGGER dunning_letters_are_not_deleted BEFORE DELETE ON dunning_letters
BEGIN
    SELECT RAISE(ABORT, 'dunning_letters is append-only');
END;
-- INSERT OR REPLACE deletes what is in its way without firing the trigger above.
CREATE TRIGGER dunning_letters_are_not_replaced BEFORE INSERT ON dunning_letters
WHEN EXISTS (
    SELECT 1 FROM dunning_letters WHERE pole_id = new.pole_id AND letter_id = new.letter_id
)
BEGIN
    SELECT RAISE(ABORT, 'dunning_letters is append-only');
END;

CREATE TRIGGER dunning_notices_are_not_changed BEFORE UPDATE ON dunning_notices
BEGIN
    SELECT RAISE(ABORT, 'dunning_notices is append-only');
END;
CREATE TRIGGER dunning_notices_are_not_deleted BEFORE DELETE ON dunning_notices
BEGIN
    SELECT RAISE(ABORT, 'dunning_notices is append-only');
END;
CREATE TRIGGER dunning_notices_are_not_replaced BEFORE INSERT ON dunning_notices
WHEN EXISTS (
    SELECT 1 FROM dunning_notices
    WHERE pole_id = new.pole_id AND invoice_id = new.invoice_id AND level = new.level
)
BEGIN
    SELECT RAISE(ABORT, 'dunning_notices is append-only');
END;

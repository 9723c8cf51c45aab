-- Credits that a member was granted: a sum without VAT by which it is billed less, for one service or
-- for all, from one day up to, not including, another. What it says never changes; it can be taken
-- back once, while nothing of it is drawn.
CREATE TABLE credit_grants (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    grant_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    -- All services, if none.
    service_id TEXT,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    reason TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    -- For good, if none.
    valid_until TEXT CHECK (valid_until > valid_from),
    granted_at BIGINT NOT NULL,
    revoked_at BIGINT,
    -- Why it was taken back.
    revoked_for TEXT,
    version BIGINT NOT NULL,
    PRIMARY KEY (pole_id, grant_id),
    CHECK ((revoked_at IS NULL) = (revoked_for IS NULL)),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id),
    FOREIGN KEY (pole_id, service_id) REFERENCES services (pole_id, service_id)
);
CREATE INDEX credit_grants_by_member ON credit_grants (pole_id, member_id, grant_id);

-- What lines of documents draw: above zero what an invoice takes off, below what a credit note gives
-- back. Those of a draft go with it; those of a final document never change.
CREATE TABLE credit_draws (
    pole_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    -- Of the document, from 1, as on paper.
    line INTEGER NOT NULL,
    grant_id TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
    -- What was left of the credit then.
    left_minor BIGINT NOT NULL CHECK (left_minor >= 0),
    PRIMARY KEY (pole_id, invoice_id, line),
    FOREIGN KEY (pole_id, invoice_id) REFERENCES invoices (pole_id, invoice_id),
    FOREIGN KEY (pole_id, grant_id) REFERENCES credit_grants (pole_id, grant_id)
);
CREATE INDEX credit_draws_by_grant ON credit_draws (pole_id, grant_id, invoice_id, line);

CREATE TRIGGER credit_grants_are_only_taken_back BEFORE UPDATE ON credit_grants
WHEN old.revoked_at IS NOT NULL OR new.revoked_at IS NULL
    OR (new.pole_id, new.grant_id, new.member_id, new.currency, new.amount_minor, new.reason,
        new.valid_from, new.granted_at)
    IS NOT (old.pole_id, old.grant_id, old.member_id, old.currency, old.amount_minor, old.reason,
        old.valid_from, old.granted_at)
    OR new.service_id IS NOT old.service_id OR new.valid_until IS NOT old.valid_until
    OR 0 <> coalesce((
        SELECT sum(amount_minor) FROM credit_draws
        WHERE pole_id = old.pole_id AND grant_id = old.grant_id
    ), 0)
BEGIN
    SELECT RAISE(ABORT, 'a credit that was granted is taken back unused, or stays');
END;
CREATE TRIGGER credit_grants_are_not_deleted BEFORE DELETE ON credit_grants
BEGIN
    SELECT RAISE(ABORT, 'a credit that was granted is taken back unused, or stays');
END;
-- INSERT OR REPLACE deletes what is in its way without firing the trigger above.
CREATE TRIGGER credit_grants_are_not_replaced BEFORE INSERT ON credit_grants
WHEN EXISTS (
    SELECT 1 FROM credit_grants WHERE pole_id = new.pole_id AND grant_id = new.grant_id
)
BEGIN
    SELECT RAISE(ABORT, 'a credit that was granted is taken back unused, or stays');
END;

CREATE TRIGGER credit_draws_are_not_changed BEFORE UPDATE ON credit_draws
BEGIN
    SELECT RAISE(ABORT, 'what a document draws stays as it is');
END;
CREATE TRIGGER credit_draws_are_not_deleted BEFORE DELETE ON credit_draws
WHEN EXISTS (
    SELECT 1 FROM invoices
    WHERE pole_id = old.pole_id AND invoice_id = old.invoice_id AND status = 'final'
)
BEGIN
    SELECT RAISE(ABORT, 'what a document draws stays as it is');
END;
-- By a document of the same member and currency that is not final yet; between nothing and all of a
-- credit is drawn, and nothing of one that was taken back.
CREATE TRIGGER credit_draws_fit BEFORE INSERT ON credit_draws
WHEN EXISTS (
    SELECT 1 FROM credit_draws
    WHERE pole_id = new.pole_id AND invoice_id = new.invoice_id AND line = new.line
) OR NOT EXISTS (
    SELECT 1 FROM (
        SELECT
            g.amount_minor AS granted,
            new.amount_minor + coalesce((
                SELECT sum(d.amount_minor) FROM credit_draws d
                WHERE d.pole_id = new.pole_id AND d.grant_id = new.grant_id
            ), 0) AS drawn
        FROM credit_grants g
        JOIN invoices i ON i.pole_id = g.pole_id AND i.member_id = g.member_id
            AND i.currency = g.currency
        WHERE g.pole_id = new.pole_id AND g.grant_id = new.grant_id AND g.revoked_at IS NULL
            AND i.invoice_id = new.invoice_id AND i.status <> 'final'
    ) WHERE drawn BETWEEN 0 AND granted
)
BEGIN
    SELECT RAISE(ABORT, 'a credit is not drawn by more than was granted');
END;

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

CREATE FUNCTION credit_grants_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'UPDATE' AND old.revoked_at IS NULL AND new.revoked_at IS NOT NULL
        AND (new.pole_id, new.grant_id, new.member_id, new.currency, new.amount_minor, new.reason,
            new.valid_from, new.granted_at)
        = (old.pole_id, old.grant_id, old.member_id, old.currency, old.amount_minor, old.reason,
            old.valid_from, old.granted_at)
        AND new.service_id IS NOT DISTINCT FROM old.service_id
        AND new.valid_until IS NOT DISTINCT FROM old.valid_until
        AND coalesce((
            SELECT sum(d.amount_minor) FROM credit_draws d
            WHERE d.pole_id = old.pole_id AND d.grant_id = old.grant_id
        ), 0) = 0
    THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'a credit that was granted is taken back unused, or stays';
END
$$;
CREATE TRIGGER credit_grants_stay BEFORE UPDATE OR DELETE ON credit_grants
FOR EACH ROW EXECUTE FUNCTION credit_grants_stay();
CREATE TRIGGER credit_grants_are_not_emptied BEFORE TRUNCATE ON credit_grants
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE FUNCTION credit_draws_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'DELETE' AND NOT EXISTS (
        SELECT 1 FROM invoices i
        WHERE i.pole_id = old.pole_id AND i.invoice_id = old.invoice_id AND i.status = 'final'
    ) THEN
        RETURN old;
    END IF;
    RAISE EXCEPTION 'what a document draws stays as it is';
END
$$;
CREATE TRIGGER credit_draws_stay BEFORE UPDATE OR DELETE ON credit_draws
FOR EACH ROW EXECUTE FUNCTION credit_draws_stay();
CREATE TRIGGER credit_draws_are_not_emptied BEFORE TRUNCATE ON credit_draws
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- By a document of the same member and currency that is not final yet; between nothing and all of a
-- credit is drawn, and nothing of one that was taken back.
CREATE FUNCTION credit_draws_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    granted BIGINT;
    drawn BIGINT;
BEGIN
    SELECT g.amount_minor INTO granted
    FROM credit_grants g
    JOIN invoices i ON i.pole_id = g.pole_id AND i.member_id = g.member_id
        AND i.currency = g.currency
    WHERE g.pole_id = new.pole_id AND g.grant_id = new.grant_id AND g.revoked_at IS NULL
        AND i.invoice_id = new.invoice_id AND i.status <> 'final'
    -- Who draws the same credit meanwhile, or takes it back, waits.
    FOR UPDATE OF g;
    SELECT new.amount_minor + coalesce(sum(d.amount_minor), 0) INTO drawn
    FROM credit_draws d
    WHERE d.pole_id = new.pole_id AND d.grant_id = new.grant_id;
    IF granted IS NULL OR drawn NOT BETWEEN 0 AND granted THEN
        RAISE EXCEPTION 'a credit is not drawn by more than was granted';
    END IF;
    RETURN new;
END
$$;
CREATE TRIGGER credit_draws_fit BEFORE INSERT ON credit_draws
FOR EACH ROW EXECUTE FUNCTION credit_draws_fit();

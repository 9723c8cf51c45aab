-- After how many days behind a formal notice services are suspended, as the document says as well; never, if
-- null.
ALTER TABLE dunning_settings ADD COLUMN suspends_after INTEGER;

-- From which day on services are suspended, as a formal notice announced; not at all, if null.
ALTER TABLE dunning_letters ADD COLUMN suspends_on TEXT;

-- A member's services, suspended for documents that it has not paid after formal notice.
CREATE TABLE suspensions (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    suspension_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    -- Which one of the member it is, counted from 1.
    seq BIGINT NOT NULL CHECK (seq > 0),
    -- An id of a user or a key, operator, or palier where it began by itself.
    actor TEXT NOT NULL,
    -- What somebody said of it; empty where it began by itself.
    reason TEXT NOT NULL,
    -- The day it was in the pole.
    began_on TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    -- Why it ended, by whom, and what they said of it.
    lifted TEXT,
    lifted_by TEXT,
    lift_reason TEXT,
    lifted_on TEXT,
    lifted_at BIGINT,
    PRIMARY KEY (pole_id, suspension_id),
    UNIQUE (pole_id, member_id, seq),
    CHECK ((lifted IS NULL) = (lifted_at IS NULL)),
    CHECK ((lifted IS NULL) = (lifted_on IS NULL)),
    CHECK ((lifted IS NULL) = (lifted_by IS NULL)),
    CHECK ((lifted IS NULL) = (lift_reason IS NULL)),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id)
);
CREATE UNIQUE INDEX suspensions_one_open ON suspensions (pole_id, member_id) WHERE lifted_at IS NULL;

-- A document that a suspension is for, and the formal notice that went before.
CREATE TABLE suspension_causes (
    pole_id TEXT NOT NULL,
    suspension_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    letter_id TEXT NOT NULL,
    -- What was open of it.
    open_minor BIGINT NOT NULL CHECK (open_minor > 0),
    PRIMARY KEY (pole_id, suspension_id, invoice_id),
    FOREIGN KEY (pole_id, suspension_id) REFERENCES suspensions (pole_id, suspension_id),
    FOREIGN KEY (pole_id, invoice_id) REFERENCES invoices (pole_id, invoice_id),
    FOREIGN KEY (pole_id, letter_id) REFERENCES dunning_letters (pole_id, letter_id)
);
CREATE INDEX suspension_causes_by_document ON suspension_causes (pole_id, invoice_id);

-- A service that the member was subscribed to when it was suspended.
CREATE TABLE suspension_services (
    pole_id TEXT NOT NULL,
    suspension_id TEXT NOT NULL,
    service_id TEXT NOT NULL,
    PRIMARY KEY (pole_id, suspension_id, service_id),
    FOREIGN KEY (pole_id, suspension_id) REFERENCES suspensions (pole_id, suspension_id),
    FOREIGN KEY (pole_id, service_id) REFERENCES services (pole_id, service_id)
);

-- Where a provider is told of what happens to its services' members.
CREATE TABLE webhook_endpoints (
    pole_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    url TEXT NOT NULL,
    -- What webhooks are signed with, encrypted.
    secrets BLOB NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, provider_id),
    FOREIGN KEY (pole_id, provider_id) REFERENCES providers (pole_id, provider_id)
);

-- What a provider is told, once: whoever tells it again tells it under the same id.
CREATE TABLE webhook_deliveries (
    pole_id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    suspension_id TEXT NOT NULL,
    -- As it is sent, to the byte.
    body TEXT NOT NULL,
    -- Where it stands: queued, delivered or given_up.
    state TEXT NOT NULL,
    -- The job that delivers it.
    job_id TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    -- What became of the last attempt: the status of the answer, and what was wrong, if anything was.
    status INTEGER,
    error TEXT,
    attempted_at BIGINT,
    -- Since when it has been tried.
    queued_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, delivery_id),
    UNIQUE (pole_id, suspension_id, provider_id, kind),
    FOREIGN KEY (pole_id, suspension_id) REFERENCES suspensions (pole_id, suspension_id),
    FOREIGN KEY (pole_id, provider_id) REFERENCES providers (pole_id, provider_id)
);
CREATE INDEX webhook_deliveries_by_provider ON webhook_deliveries (pole_id, provider_id, delivery_id);

CREATE TRIGGER suspensions_only_end BEFORE UPDATE ON suspensions
WHEN old.lifted_at IS NOT NULL
    OR new.pole_id IS NOT old.pole_id
    OR new.suspension_id IS NOT old.suspension_id
    OR new.member_id IS NOT old.member_id
    OR new.seq IS NOT old.seq
    OR new.actor IS NOT old.actor
    OR new.reason IS NOT old.reason
    OR new.began_on IS NOT old.began_on
    OR new.began_at IS NOT old.began_at
BEGIN
    SELECT RAISE(ABORT, 'suspensions is append-only but for their end');
END;
CREATE TRIGGER suspensions_are_not_deleted BEFORE DELETE ON suspensions
BEGIN
    SELECT RAISE(ABORT, 'suspensions is append-only but for their end');
END;
-- INSERT OR REPLACE deletes what is in its way without firing the trigger above.
CREATE TRIGGER suspensions_are_not_replaced BEFORE INSERT ON suspensions
WHEN EXISTS (
    SELECT 1 FROM suspensions WHERE pole_id = new.pole_id AND suspension_id = new.suspension_id
) OR EXISTS (
    SELECT 1 FROM suspensions
    WHERE pole_id = new.pole_id AND member_id = new.member_id AND seq = new.seq
) OR EXISTS (
    SELECT 1 FROM suspensions
    WHERE pole_id = new.pole_id AND member_id = new.member_id AND lifted_at IS NULL
)
BEGIN
    SELECT RAISE(ABORT, 'suspensions is append-only but for their end');
END;

CREATE TRIGGER suspension_causes_are_not_changed BEFORE UPDATE ON suspension_causes
BEGIN
    SELECT RAISE(ABORT, 'suspension_causes is append-only');
END;
CREATE TRIGGER suspension_causes_are_not_deleted BEFORE DELETE ON suspension_causes
BEGIN
    SELECT RAISE(ABORT, 'suspension_causes is append-only');
END;
CREATE TRIGGER suspension_causes_are_not_replaced BEFORE INSERT ON suspension_causes
WHEN EXISTS (
    SELECT 1 FROM suspension_causes
    WHERE pole_id = new.pole_id AND suspension_id = new.suspension_id
        AND invoice_id = new.invoice_id
)
BEGIN
    SELECT RAISE(ABORT, 'suspension_causes is append-only');
END;

CREATE TRIGGER suspension_services_are_not_changed BEFORE UPDATE ON suspension_services
BEGIN
    SELECT RAISE(ABORT, 'suspension_services is append-only');
END;
CREATE TRIGGER suspension_services_are_not_deleted BEFORE DELETE ON suspension_services
BEGIN
    SELECT RAISE(ABORT, 'suspension_services is append-only');
END;
CREATE TRIGGER suspension_services_are_not_replaced BEFORE INSERT ON suspension_services
WHEN EXISTS (
    SELECT 1 FROM suspension_services
    WHERE pole_id = new.pole_id AND suspension_id = new.suspension_id
        AND service_id = new.service_id
)
BEGIN
    SELECT RAISE(ABORT, 'suspension_services is append-only');
END;

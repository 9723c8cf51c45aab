-- A pole is a tenant. Every other table of a tenant has pole_id first in its keys, so that the
-- tables can be spread over machines by it.
CREATE TABLE poles (
    pole_id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    currency TEXT NOT NULL,
    language TEXT NOT NULL,
    minimum_active INTEGER NOT NULL CHECK (minimum_active >= 3),
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- The newest entry of each pole's audit log. Taking the row serialises the writers of a chain.
CREATE TABLE audit_heads (
    pole_id TEXT NOT NULL PRIMARY KEY REFERENCES poles (pole_id),
    seq BIGINT NOT NULL,
    seal TEXT NOT NULL
);

CREATE TABLE audit_log (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    request TEXT NOT NULL,
    changes TEXT NOT NULL,
    seal TEXT NOT NULL,
    PRIMARY KEY (pole_id, seq)
);
CREATE INDEX audit_log_by_object ON audit_log (pole_id, object, seq);
CREATE INDEX audit_log_by_actor ON audit_log (pole_id, actor, seq);

CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_log_is_not_deleted BEFORE DELETE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- INSERT OR REPLACE deletes what is in its way without firing the trigger above.
CREATE TRIGGER audit_log_is_not_replaced BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE pole_id = new.pole_id AND seq = new.seq)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

-- What was answered to a request that carried an Idempotency-Key; status 0 while it is under way.
CREATE TABLE idempotency_keys (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    etag TEXT,
    body BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, caller, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- The keys that sign access tokens, of the whole deployment. The private half is encrypted with
-- the deployment's secret; it is gone once the key is retired.
CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    wrapped BLOB,
    public BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);

-- What becomes of usage that names nobody or nothing the pole knows.
ALTER TABLE poles ADD COLUMN unmatched_usage TEXT NOT NULL DEFAULT 'refuse';

-- Usage that was kept though nobody can be billed for it yet: it does not count, until its cause is
-- mended. What was reported stands here in the words of who reported it.
CREATE TABLE usage_unmatched (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    happened_at BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    member TEXT NOT NULL,
    meter TEXT NOT NULL,
    -- Empty if none was named.
    service TEXT NOT NULL,
    quantity_micros BIGINT NOT NULL,
    -- JSON, by name; empty if there are none.
    properties TEXT NOT NULL,
    amends_at BIGINT,
    amends_id TEXT,
    reason TEXT NOT NULL,
    reporter TEXT NOT NULL,
    -- JSON: whom the reporter acts for, beyond whom it never counts.
    reach TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    -- Why it was discarded; empty otherwise.
    note TEXT NOT NULL,
    settled_at BIGINT,
    PRIMARY KEY (pole_id, happened_at, event_id)
);

CREATE INDEX usage_unmatched_state ON usage_unmatched (pole_id, state, happened_at, event_id);

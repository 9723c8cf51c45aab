-- A series is what one member uses of one meter, in one combination of the meter's dimensions.
CREATE TABLE usage_series (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    series_id BIGINT NOT NULL,
    member_id TEXT NOT NULL,
    meter_id TEXT NOT NULL,
    -- JSON: the values of the meter's dimensions, by name; empty if there are none.
    dimensions TEXT NOT NULL,
    PRIMARY KEY (pole_id, series_id),
    UNIQUE (pole_id, meter_id, member_id, dimensions),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id),
    FOREIGN KEY (pole_id, meter_id) REFERENCES meters (pole_id, meter_id)
);

-- Usage as it was reported, for good. The event's own time stands before its id, so that what
-- comes in lands at the end of the table whatever the ids look like. Its series is not a foreign
-- key, which would be looked up for every event: nothing ever deletes a series.
CREATE TABLE usage_events (
    pole_id TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    series_id BIGINT NOT NULL,
    quantity_micros BIGINT NOT NULL,
    -- JSON, by name; empty if there are none.
    properties TEXT NOT NULL,
    -- The event it takes the place of.
    amends_at BIGINT,
    amends_id TEXT,
    -- Whether its month was closed when it came in.
    late BOOLEAN NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, happened_at, event_id)
);

-- Events that no longer count: voided, or amended by another.
CREATE TABLE usage_voids (
    pole_id TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    amended_by TEXT,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    voided_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, happened_at, event_id)
);

-- What counts, added up by day of the pole's calendar, as far as it was folded.
CREATE TABLE usage_days (
    pole_id TEXT NOT NULL,
    -- Days since 1970-01-01.
    day INTEGER NOT NULL,
    series_id BIGINT NOT NULL,
    quantity_micros BIGINT NOT NULL,
    events BIGINT NOT NULL,
    PRIMARY KEY (pole_id, day, series_id)
);

-- What has come in and is not folded into usage_days yet: written in the transaction of its events.
CREATE TABLE usage_deltas (
    pole_id TEXT NOT NULL,
    delta_id TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (pole_id, delta_id)
);

-- Events that count, of meters whose days cannot be added up: maxima, stocks, different values.
CREATE TABLE usage_levels (
    pole_id TEXT NOT NULL,
    series_id BIGINT NOT NULL,
    happened_at BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    quantity_micros BIGINT NOT NULL,
    -- Of the meter's property; empty if it has none.
    value TEXT NOT NULL,
    PRIMARY KEY (pole_id, series_id, happened_at, event_id)
);

-- Where the books of a pole stand.
CREATE TABLE usage_books (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    -- Months that end by then are closed; 0 if none is.
    closed_before BIGINT NOT NULL,
    PRIMARY KEY (pole_id)
);

INSERT INTO usage_books (pole_id, closed_before)
SELECT pole_id, 0 FROM poles;

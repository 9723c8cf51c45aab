-- Events that happened before are dropped, and none of that time is taken any more; null if none is.
ALTER TABLE usage_books ADD COLUMN dropped_before BIGINT;

-- The rule by which events are dropped: how many whole months they are kept; null for ever.
ALTER TABLE poles ADD COLUMN usage_retention_months INTEGER;

-- Events stand in a table for each month of their time, in UTC: a month whose events are all dropped
-- goes as a whole. What happened before 2000 stands in one, so that nobody can ask for more tables
-- than there are months since.
ALTER TABLE usage_events RENAME TO usage_events_whole;
ALTER TABLE usage_events_whole RENAME CONSTRAINT usage_events_pkey TO usage_events_whole_pkey;
CREATE TABLE usage_events (LIKE usage_events_whole INCLUDING ALL) PARTITION BY RANGE (happened_at);
CREATE TABLE usage_events_before_2000 PARTITION OF usage_events
FOR VALUES FROM (MINVALUE) TO (946684800000000);

-- When a month begins that is so many months after January 1970, in UTC.
CREATE FUNCTION usage_month_begins(month INTEGER) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
    SELECT extract(epoch FROM TIMESTAMP 'epoch' + month * INTERVAL '1 month')::BIGINT * 1000000
$$;

-- Makes the table of a month, if it is not there.
CREATE FUNCTION usage_month_make(month INTEGER) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name TEXT := 'usage_events_'
        || to_char(TIMESTAMP 'epoch' + month * INTERVAL '1 month', 'YYYY_MM');
BEGIN
    -- One after the other: whoever comes second finds it there.
    PERFORM pg_advisory_xact_lock(hashtextextended('usage months', 0));
    IF usage_month_begins(month) < 946684800000000 OR to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Made first and attached then, which keeps nobody from writing meanwhile.
    EXECUTE format('CREATE TABLE %I (LIKE usage_events INCLUDING ALL)', name);
    EXECUTE format(
        'ALTER TABLE usage_events ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
        name, usage_month_begins(month), usage_month_begins(month + 1)
    );
END
$$;

-- Drops the tables of months of which no pole has an event that is not dropped; says how many.
CREATE FUNCTION usage_months_drop() RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    part TEXT;
    ends BIGINT;
    is_needed BOOLEAN;
    dropped INTEGER := 0;
BEGIN
    -- Nobody writes or reads while it is looked.
    LOCK TABLE ONLY usage_events IN ACCESS EXCLUSIVE MODE;
    FOR part, ends IN
        SELECT c.relname, extract(
            epoch FROM to_date(right(c.relname, 7), 'YYYY_MM')::TIMESTAMP + INTERVAL '1 month'
        )::BIGINT * 1000000
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'usage_events'::regclass AND c.relname ~ '_[0-9]{4}_[0-9]{2}$'
    LOOP
        EXECUTE format(
            'SELECT EXISTS (SELECT 1 FROM usage_books b
                WHERE coalesce(b.dropped_before < %s, true)
                AND EXISTS (SELECT 1 FROM %I e WHERE e.pole_id = b.pole_id))',
            ends, part
        ) INTO is_needed;
        -- A month that is under way is empty only until somebody uses something.
        IF NOT is_needed AND ends <= (SELECT max(dropped_before) FROM usage_books) THEN
            EXECUTE format('DROP TABLE %I', part);
            dropped := dropped + 1;
        END IF;
    END LOOP;
    RETURN dropped;
END
$$;

SELECT usage_month_make(month) FROM (
    SELECT DISTINCT extract(year FROM at)::INTEGER * 12 + extract(month FROM at)::INTEGER - 23641
    FROM (SELECT TIMESTAMP 'epoch' + happened_at / 1000000 * INTERVAL '1 second' AS at
        FROM usage_events_whole WHERE happened_at >= 946684800000000) happened
) months (month);
INSERT INTO usage_events SELECT * FROM usage_events_whole;
DROP TABLE usage_events_whole;

-- Months and years whose books are closed for good: nothing is booked any more on their days, or on
-- those before.
CREATE TABLE closings (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    -- A month, YYYY-MM, or a financial year, YYYY.
    period TEXT NOT NULL,
    last_day TEXT NOT NULL,
    actor TEXT NOT NULL,
    closed_at BIGINT NOT NULL,
    -- What was still to be done, and accepted: words, separated by spaces.
    accepted TEXT NOT NULL,
    PRIMARY KEY (pole_id, period)
);

CREATE TRIGGER closings_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON closings
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- What a year begins with is booked when the year before is closed, and months of it may be closed by
-- then: once, on its first day.
CREATE FUNCTION journal_entries_are_not_of_closed_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- In brackets, or its first THEN would be that of the IF.
    IF (CASE WHEN new.journal = 'AN'
        THEN new.seq <> 1 OR NOT EXISTS (
            SELECT 1 FROM closings
            WHERE pole_id = new.pole_id AND period = CAST(new.year - 1 AS TEXT)
        )
        ELSE EXISTS (
            SELECT 1 FROM closings WHERE pole_id = new.pole_id AND last_day >= new.entry_on
        )
    END) THEN
        RAISE EXCEPTION 'the books of that day are closed';
    END IF;
    RETURN new;
END
$$;
CREATE TRIGGER journal_entries_are_not_of_closed_days BEFORE INSERT ON journal_entries
FOR EACH ROW EXECUTE FUNCTION journal_entries_are_not_of_closed_days();

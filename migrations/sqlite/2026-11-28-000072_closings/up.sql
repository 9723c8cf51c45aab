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

CREATE TRIGGER closings_are_not_changed BEFORE UPDATE ON closings
BEGIN
    SELECT RAISE(ABORT, 'what is closed stays closed: append-only');
END;
CREATE TRIGGER closings_are_not_deleted BEFORE DELETE ON closings
BEGIN
    SELECT RAISE(ABORT, 'what is closed stays closed: append-only');
END;
-- INSERT OR REPLACE deletes what is in its way without firing the trigger above.
CREATE TRIGGER closings_are_not_replaced BEFORE INSERT ON closings
WHEN EXISTS (SELECT 1 FROM closings WHERE pole_id = new.pole_id AND period = new.period)
BEGIN
    SELECT RAISE(ABORT, 'what is closed stays closed: append-only');
END;

-- What a year begins with is booked when the year before is closed, and months of it may be closed by
-- then: once, on its first day.
CREATE TRIGGER journal_entries_are_not_of_closed_days BEFORE INSERT ON journal_entries
WHEN CASE WHEN new.journal = 'AN'
    THEN new.seq <> 1 OR NOT EXISTS (
        SELECT 1 FROM closings
        WHERE pole_id = new.pole_id AND period = CAST(new.year - 1 AS TEXT)
    )
    ELSE EXISTS (
        SELECT 1 FROM closings WHERE pole_id = new.pole_id AND last_day >= new.entry_on
    )
END
BEGIN
    SELECT RAISE(ABORT, 'the books of that day are closed');
END;

DROP TRIGGER journal_entries_are_not_of_closed_days;
DROP TABLE closings;

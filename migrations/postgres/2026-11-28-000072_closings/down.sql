DROP TRIGGER journal_entries_are_not_of_closed_days ON journal_entries;
DROP FUNCTION journal_entries_are_not_of_closed_days();
DROP TABLE closings;

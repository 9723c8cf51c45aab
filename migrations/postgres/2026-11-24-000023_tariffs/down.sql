DROP TABLE tariffs;
DROP FUNCTION tariffs_are_not_changed();

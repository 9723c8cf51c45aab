-- Nothing: these are triggers of SQLite.
SELECT 1;

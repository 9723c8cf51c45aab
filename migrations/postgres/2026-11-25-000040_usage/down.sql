DROP TABLE usage_books;
DROP TABLE usage_levels;
DROP TABLE usage_deltas;
DROP TABLE usage_days;
DROP TABLE usage_voids;
DROP TABLE usage_events;
DROP TABLE usage_series;

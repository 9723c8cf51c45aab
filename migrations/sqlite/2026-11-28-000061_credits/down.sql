DROP TABLE credited_lines;

DROP TABLE archive_queue;
DROP TABLE archived_files;

DROP TABLE collection_setbacks;

DROP TABLE catalogue_versions;
DROP TABLE providers;

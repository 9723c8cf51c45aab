DROP TABLE dunning_pauses;
DROP TABLE dunning_notices;
DROP TABLE dunning_letters;
DROP TABLE dunning_settings;

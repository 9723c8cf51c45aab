DROP TABLE webhook_deliveries;
DROP TABLE webhook_endpoints;
DROP TABLE suspension_services;
DROP TABLE suspension_causes;
DROP TABLE suspensions;
ALTER TABLE dunning_letters DROP COLUMN suspends_on;
ALTER TABLE dunning_settings DROP COLUMN suspends_after;

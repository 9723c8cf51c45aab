DROP TABLE signing_keys;
DROP TABLE idempotency_keys;
DROP TABLE audit_log;
DROP TABLE audit_heads;
DROP TABLE poles;

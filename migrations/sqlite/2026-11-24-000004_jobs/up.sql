-- Work to be done after the transaction that asked for it: mail, notices. A row is gone once its
-- work is done.
CREATE TABLE jobs (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    job_id TEXT NOT NULL,
    -- Encrypted with the deployment's secret: it may hold an address, or a link that signs in.
    payload BLOB NOT NULL,
    run_at BIGINT NOT NULL,
    -- Until when whoever took it has time; another may take it then.
    taken_until BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, job_id)
);
CREATE INDEX jobs_by_time ON jobs (run_at);

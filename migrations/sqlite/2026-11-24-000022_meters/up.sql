-- What is counted of a service.
CREATE TABLE meters (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    meter_id TEXT NOT NULL,
    service_id TEXT NOT NULL,
    code TEXT NOT NULL,
    -- UN/ECE recommendation 20.
    unit TEXT NOT NULL,
    aggregation TEXT NOT NULL,
    property TEXT,
    -- Names of properties, each on a line.
    dimensions TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, meter_id),
    UNIQUE (pole_id, service_id, code),
    FOREIGN KEY (pole_id, service_id) REFERENCES services (pole_id, service_id)
);

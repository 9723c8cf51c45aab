CREATE TABLE services (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    service_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    code TEXT NOT NULL,
    name_fr TEXT NOT NULL,
    name_en TEXT,
    description_fr TEXT,
    description_en TEXT,
    category TEXT NOT NULL,
    -- Each between two line breaks, so that one can be looked for as it is.
    tags TEXT NOT NULL,
    unit_fr TEXT,
    unit_en TEXT,
    terms_url TEXT,
    terms_fr TEXT,
    terms_en TEXT,
    -- A date, YYYY-MM-DD.
    contract_anniversary TEXT,
    status TEXT NOT NULL,
    published_at BIGINT,
    retired_at BIGINT,
    -- Code, names, descriptions, category and tags without accents and case, for the search.
    search TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, service_id),
    UNIQUE (pole_id, code),
    FOREIGN KEY (pole_id, provider_id) REFERENCES providers (pole_id, provider_id)
);
CREATE INDEX services_by_provider ON services (pole_id, provider_id);

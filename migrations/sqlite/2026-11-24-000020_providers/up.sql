-- Who provides services. A member company may be a provider as well.
CREATE TABLE providers (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    provider_id TEXT NOT NULL,
    name TEXT NOT NULL,
    siren TEXT,
    vat_number TEXT,
    contact_name TEXT,
    contact_email TEXT NOT NULL,
    contact_phone TEXT,
    member_id TEXT,
    status TEXT NOT NULL,
    -- Name without accents and case, for the search.
    search TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, provider_id),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id)
);
CREATE INDEX providers_by_member ON providers (pole_id, member_id);

-- Counts the changes of a pole's catalogue, so that another process knows when what it remembers
-- of it is old. A pole whose catalogue has never changed has no row.
CREATE TABLE catalogue_versions (
    pole_id TEXT NOT NULL PRIMARY KEY REFERENCES poles (pole_id),
    version BIGINT NOT NULL
);

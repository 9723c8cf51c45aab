CREATE TABLE members (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    member_id TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    legal_form TEXT,
    siren TEXT,
    siret TEXT,
    vat_number TEXT,
    vat_regime TEXT NOT NULL,
    size_class TEXT,
    -- One to three lines, separated by line breaks.
    address_lines TEXT NOT NULL,
    postcode TEXT,
    city TEXT NOT NULL,
    country TEXT NOT NULL,
    contact_name TEXT,
    contact_email TEXT,
    contact_phone TEXT,
    language TEXT NOT NULL,
    payment_terms TEXT NOT NULL,
    status TEXT NOT NULL,
    -- Name, code and city without accents and case, for the search.
    search TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, member_id),
    UNIQUE (pole_id, code)
);
CREATE INDEX members_by_siren ON members (pole_id, siren);

-- A person who signs in to one pole.
CREATE TABLE users (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    user_id TEXT NOT NULL,
    email TEXT NOT NULL,
    -- The address in lower case: nobody has two accounts that differ in a capital.
    email_key TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    -- A PHC string of argon2id; without one, the person signs in by link or elsewhere.
    password_hash TEXT,
    -- Name and address without accents and case, for the search.
    search TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, user_id),
    UNIQUE (pole_id, email_key)
);

-- What a user is: a role, for the whole pole, for one member or for one provider.
CREATE TABLE user_grants (
    pole_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    role TEXT NOT NULL,
    member_id TEXT,
    provider_id TEXT,
    PRIMARY KEY (pole_id, user_id, position),
    FOREIGN KEY (pole_id, user_id) REFERENCES users (pole_id, user_id),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id)
);
CREATE INDEX user_grants_by_member ON user_grants (pole_id, member_id);

-- A sign-in, over all the tokens that renew it.
CREATE TABLE sessions (
    pole_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    -- How it began.
    method TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (pole_id, session_id),
    FOREIGN KEY (pole_id, user_id) REFERENCES users (pole_id, user_id)
);
CREATE INDEX sessions_by_user ON sessions (pole_id, user_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- Tokens that renew a session, each once. One that comes again was stolen, or its thief used it.
CREATE TABLE refresh_tokens (
    pole_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    session_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (pole_id, hash),
    FOREIGN KEY (pole_id, session_id) REFERENCES sessions (pole_id, session_id)
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (pole_id, session_id);
CREATE INDEX refresh_tokens_by_end ON refresh_tokens (expires_at);

-- One-time links that were mailed.
CREATE TABLE sign_in_links (
    pole_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (pole_id, hash),
    FOREIGN KEY (pole_id, user_id) REFERENCES users (pole_id, user_id)
);
CREATE INDEX sign_in_links_by_user ON sign_in_links (pole_id, user_id);
CREATE INDEX sign_in_links_by_end ON sign_in_links (expires_at);

-- Attempts to sign in to an account that may not even exist, since the last that succeeded.
CREATE TABLE sign_in_attempts (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    -- A keyed hash of the address that was tried, and of what was tried with it.
    account TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    last_at BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL,
    PRIMARY KEY (pole_id, account)
);
CREATE INDEX sign_in_attempts_by_age ON sign_in_attempts (last_at);

-- Keys of machines. The key itself is shown once and kept as a keyed hash.
CREATE TABLE api_keys (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    api_key_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    -- How it begins, by which its owner recognises it.
    hint TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Whose it is: a member's, a provider's, or the pole's.
    member_id TEXT,
    provider_id TEXT,
    -- Words between spaces.
    scopes TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (pole_id, api_key_id),
    UNIQUE (pole_id, hash),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id)
);
CREATE INDEX api_keys_by_member ON api_keys (pole_id, member_id);

-- Outside services whose tokens a pole believes.
CREATE TABLE identity_providers (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    identity_provider_id TEXT NOT NULL,
    name TEXT NOT NULL,
    issuer TEXT NOT NULL,
    audience TEXT NOT NULL,
    jwks_url TEXT NOT NULL,
    -- Names of RFC 7518 between spaces.
    algorithms TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, identity_provider_id),
    UNIQUE (pole_id, issuer)
);

DROP TABLE identity_providers;
DROP TABLE api_keys;
DROP TABLE sign_in_attempts;
DROP TABLE sign_in_links;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE user_grants;
DROP TABLE users;

DROP TABLE credit_draws;
DROP TABLE credit_grants;

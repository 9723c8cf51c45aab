DROP TABLE credit_draws;
DROP TABLE credit_grants;
DROP FUNCTION credit_draws_fit();
DROP FUNCTION credit_draws_stay();
DROP FUNCTION credit_grants_stay();

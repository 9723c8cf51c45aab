DROP TABLE payment_allocations;
DROP TABLE payments;
DROP FUNCTION payment_allocations_fit();

DROP TABLE stripe_balance;
DROP TABLE stripe_payouts;
DROP TABLE stripe_refunds;
DROP TABLE stripe_events;
DROP TABLE stripe_customers;
DROP TABLE stripe_accounts;

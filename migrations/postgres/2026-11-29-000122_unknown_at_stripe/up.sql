-- Whether the books know what moved: a payment, what went back of one, or what Stripe keeps. All else waits on the
-- suspense account.
ALTER TABLE stripe_balance ADD COLUMN known BOOLEAN NOT NULL DEFAULT true;
UPDATE stripe_balance SET known = false WHERE kind NOT IN (
    'charge', 'payment', 'refund', 'payment_refund', 'adjustment', 'payment_failure_refund', 'payment_reversal',
    'refund_failure', 'stripe_fee', 'network_cost', 'tax_fee', 'stripe_fx_fee'
);

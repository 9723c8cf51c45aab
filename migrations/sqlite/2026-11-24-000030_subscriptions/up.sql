CREATE TABLE subscriptions (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    subscription_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    service_id TEXT NOT NULL,
    -- The tariff version it stays with; that in force, if none.
    tariff_id TEXT,
    first_day TEXT NOT NULL,
    -- The last day it covers, the last of a month; none while it goes on.
    last_day TEXT,
    weight_micros BIGINT NOT NULL CHECK (weight_micros >= 0),
    minimum_amount_minor BIGINT CHECK (minimum_amount_minor >= 0),
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, subscription_id),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id),
    FOREIGN KEY (pole_id, service_id) REFERENCES services (pole_id, service_id),
    FOREIGN KEY (pole_id, tariff_id) REFERENCES tariffs (pole_id, tariff_id)
);
CREATE INDEX subscriptions_by_member ON subscriptions (pole_id, member_id, subscription_id);
CREATE INDEX subscriptions_by_service ON subscriptions (pole_id, service_id, subscription_id);
-- A member goes on subscribing to a service once.
CREATE UNIQUE INDEX subscriptions_going_on ON subscriptions (pole_id, member_id, service_id)
WHERE last_day IS NULL;

-- From how much usage on somebody wants to be told.
CREATE TABLE usage_alerts (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    alert_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    -- Whose quantity is watched; what the member owes, if none.
    meter_id TEXT,
    -- Millionths of the meter's unit, or the currency's minor units.
    threshold BIGINT NOT NULL CHECK (threshold > 0),
    email TEXT NOT NULL,
    -- When it last told.
    raised_at BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, alert_id),
    FOREIGN KEY (pole_id, subscription_id) REFERENCES subscriptions (pole_id, subscription_id),
    FOREIGN KEY (pole_id, meter_id) REFERENCES meters (pole_id, meter_id) ON DELETE CASCADE
);

CREATE INDEX usage_alerts_by_subscription ON usage_alerts (pole_id, subscription_id, alert_id);

-- What was told, once for each threshold and month.
CREATE TABLE usage_notices (
    pole_id TEXT NOT NULL,
    alert_id TEXT NOT NULL,
    -- Its first day.
    month TEXT NOT NULL,
    threshold BIGINT NOT NULL,
    -- What was reached, in the threshold's unit.
    reached BIGINT NOT NULL,
    raised_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, alert_id, month, threshold),
    FOREIGN KEY (pole_id, alert_id) REFERENCES usage_alerts (pole_id, alert_id) ON DELETE CASCADE
);

-- How often usage of a pole was folded: whoever looks whether its pools have moved looks here first.
CREATE TABLE usage_folds (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    folds BIGINT NOT NULL,
    PRIMARY KEY (pole_id)
);

-- The highest tier that members were told their pool has reached, for each charge and period.
CREATE TABLE tiers_told (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    tariff_id TEXT NOT NULL,
    -- Its place in the tariff, from 0.
    charge INTEGER NOT NULL,
    -- The first day of the month, or of the contract year.
    period TEXT NOT NULL,
    -- From 1.
    tier INTEGER NOT NULL CHECK (tier > 0),
    told_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, tariff_id, charge, period),
    FOREIGN KEY (pole_id, tariff_id) REFERENCES tariffs (pole_id, tariff_id) ON DELETE CASCADE
);

-- Whether the member is told by mail that the pool has reached a tier.
ALTER TABLE subscriptions ADD COLUMN tier_mails BOOLEAN NOT NULL DEFAULT true;

ALTER TABLE subscriptions DROP COLUMN tier_mails;
DROP TABLE tiers_told;
DROP TABLE usage_folds;

DROP TABLE provider_bills;

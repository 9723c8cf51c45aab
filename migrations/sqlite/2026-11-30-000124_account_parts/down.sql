DROP TABLE account_parts;

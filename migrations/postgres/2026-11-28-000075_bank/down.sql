DROP TABLE bank_movements;
DROP TABLE bank_statements;

DROP TABLE einvoice_outbox;
DROP TABLE invoice_statuses;
DROP TABLE einvoice_messages;

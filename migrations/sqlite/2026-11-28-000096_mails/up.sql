-- Mails to members, and what became of each. What they say is in their jobs, encrypted.
CREATE TABLE mails (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    -- Of its job as well, and what its Message-ID begins with.
    mail_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The number of a document, the code of a service.
    about TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    -- Why it did not leave; empty if it did.
    last_error TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, mail_id),
    FOREIGN KEY (pole_id, member_id) REFERENCES members (pole_id, member_id)
);
CREATE INDEX mails_by_member ON mails (pole_id, member_id, mail_id);
CREATE INDEX mails_by_state ON mails (pole_id, state, mail_id);
CREATE INDEX mails_by_time ON mails (created_at);

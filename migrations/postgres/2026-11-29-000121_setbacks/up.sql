-- That a collection failed, or that its money went back: written as it is learned, until the member is told. Which
-- time that was is told by the version of the collection that it left.
CREATE TABLE collection_setbacks (
    pole_id TEXT NOT NULL,
    collection_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('failed', 'returned')),
    -- When the member is told, or it is tried again.
    run_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    -- Why the member could not be told; empty before that was tried.
    last_error TEXT NOT NULL,
    -- When the member was told, or it turned out that there was nothing to tell.
    told_at BIGINT,
    PRIMARY KEY (pole_id, collection_id, version),
    FOREIGN KEY (pole_id, collection_id) REFERENCES collections (pole_id, collection_id)
);
CREATE INDEX collection_setbacks_to_tell ON collection_setbacks (run_at) WHERE told_at IS NULL;

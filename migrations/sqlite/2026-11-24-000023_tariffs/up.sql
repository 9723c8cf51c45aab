-- Versions of a service's tariff. A version never changes: what is wrong with one that has not taken
-- effect is withdrawn and made anew.
CREATE TABLE tariffs (
    pole_id TEXT NOT NULL REFERENCES poles (pole_id),
    tariff_id TEXT NOT NULL,
    service_id TEXT NOT NULL,
    name TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    -- What billing reads, meters included.
    document TEXT NOT NULL,
    -- When the day of effective_from begins in the pole.
    takes_effect_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (pole_id, tariff_id),
    UNIQUE (pole_id, service_id, effective_from),
    FOREIGN KEY (pole_id, service_id) REFERENCES services (pole_id, service_id)
);

CREATE TRIGGER tariffs_are_not_changed BEFORE UPDATE ON tariffs
BEGIN
    SELECT RAISE(ABORT, 'a tariff never changes');
END;
CREATE TRIGGER tariffs_in_force_are_not_deleted BEFORE DELETE ON tariffs
WHEN old.takes_effect_at <= CAST(strftime('%s', 'now') AS INTEGER) * 1000000
BEGIN
    SELECT RAISE(ABORT, 'a tariff that has taken effect stays');
END;

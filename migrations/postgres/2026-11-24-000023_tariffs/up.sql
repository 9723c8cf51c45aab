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

CREATE FUNCTION tariffs_are_not_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'a tariff never changes';
    END IF;
    IF old.takes_effect_at <= extract(epoch FROM now()) * 1000000 THEN
        RAISE EXCEPTION 'a tariff that has taken effect stays';
    END IF;
    RETURN old;
END
$$;
CREATE TRIGGER tariffs_are_not_changed BEFORE UPDATE OR DELETE ON tariffs
FOR EACH ROW EXECUTE FUNCTION tariffs_are_not_changed();

-- What providers' APIs answered, as far as it was taken in: with the deliveries in `events`, everything
-- that the projections and the books follow from. Never personal data: facts about customers are not
-- kept here (docs/decisions/0005).
CREATE TABLE answers (
    id          TEXT   NOT NULL PRIMARY KEY, -- sorts by time
    connection  TEXT   NOT NULL,
    told        TEXT   NOT NULL,             -- observations, JSON
    absorbed_at BIGINT NOT NULL
);
CREATE TRIGGER answers_no_change BEFORE UPDATE OR DELETE ON answers
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER answers_no_truncate BEFORE TRUNCATE ON answers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

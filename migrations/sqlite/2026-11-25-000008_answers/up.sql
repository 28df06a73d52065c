-- What providers' APIs answered, as far as it was taken in: with the deliveries in `events`, everything
-- that the projections and the books follow from. Never personal data: facts about customers are not
-- kept here (docs/decisions/0005).
CREATE TABLE answers (
    id          TEXT    NOT NULL PRIMARY KEY, -- sorts by time
    connection  TEXT    NOT NULL,
    told        TEXT    NOT NULL,             -- observations, JSON
    absorbed_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER answers_no_replace BEFORE INSERT ON answers
WHEN EXISTS (SELECT 1 FROM answers WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'answers are append-only'); END;
CREATE TRIGGER answers_no_update BEFORE UPDATE ON answers
BEGIN SELECT RAISE(ABORT, 'answers are append-only'); END;
CREATE TRIGGER answers_no_delete BEFORE DELETE ON answers
BEGIN SELECT RAISE(ABORT, 'answers are append-only'); END;

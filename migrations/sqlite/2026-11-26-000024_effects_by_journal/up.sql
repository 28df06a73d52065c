-- The audit asks for the effects of journals in the order of their ids, and an index over them holds all that it asks
-- for. But SQLite does not see that of an index which it made for UNIQUE in a table without row numbers, and looked
-- every effect up in the table, where they lie by chance. It sees it of an index that is made by itself, which refuses
-- two effects of one journal just the same.
CREATE TABLE effects_indexed (
    connection  TEXT    NOT NULL,
    object      TEXT    NOT NULL,
    effect      TEXT    NOT NULL,
    journal_id  TEXT    NOT NULL REFERENCES journals (id) DEFERRABLE INITIALLY DEFERRED,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (connection, object, effect)
) STRICT, WITHOUT ROWID;
INSERT INTO effects_indexed SELECT connection, object, effect, journal_id, recorded_at FROM effects
ORDER BY connection, object, effect;
DROP TABLE effects;
ALTER TABLE effects_indexed RENAME TO effects;
CREATE UNIQUE INDEX effects_by_journal ON effects (journal_id);

CREATE TRIGGER effects_no_replace BEFORE INSERT ON effects
WHEN EXISTS (SELECT 1 FROM effects
             WHERE connection = NEW.connection AND object = NEW.object AND effect = NEW.effect)
  OR EXISTS (SELECT 1 FROM effects WHERE journal_id = NEW.journal_id)
BEGIN SELECT RAISE(ABORT, 'this effect is booked already: effects are append-only'); END;
CREATE TRIGGER effects_no_update BEFORE UPDATE ON effects
BEGIN SELECT RAISE(ABORT, 'effects are append-only'); END;
CREATE TRIGGER effects_no_delete BEFORE DELETE ON effects
BEGIN SELECT RAISE(ABORT, 'effects are append-only'); END;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('effects', 'effects', '1000000 1000000 2 1'),
    ('effects', 'effects_by_journal', '1000000 1');
ANALYZE sqlite_schema;

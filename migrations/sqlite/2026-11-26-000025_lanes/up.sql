-- Which group of customers a delivery belongs to, as it says itself; 0 where it does not. SQLite has one writer, and makes
-- nothing of it (docs/decisions/0022).
ALTER TABLE events ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;

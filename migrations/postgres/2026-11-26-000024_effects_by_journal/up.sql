-- On SQLite alone: effects lie in PostgreSQL's table in the order in which they were booked, so that those of journals
-- that follow each other are found together.
SELECT 1;

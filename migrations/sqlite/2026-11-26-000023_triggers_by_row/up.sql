-- SQLite's triggers run for each row, and find the rest by its key as they are. This says so, and changes nothing:
-- migrations come in pairs.
SELECT 1;

//! PostgreSQL plans by what it counts in its tables: here they get some thousand rows each, of which many
//! share a connection, a state or a day, and few anything else.

use super::rules::BROAD;
use crate::store_schema::existing;
use crate::world::World;

const ROWS: usize = 10_000;

/// Fills every table, for which nothing may forbid a row that makes no sense.
pub fn fill(world: &World) {
    let checks = world.lines(
        "SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || conname AS line \
         FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace",
    );
    let mut script = vec!["SET session_replication_role = replica".to_owned()];
    script.extend(checks);
    for (table, columns) in existing(world) {
        let (names, values): (Vec<&str>, Vec<String>) =
            columns.iter().map(|column| value(column)).unzip();
        script.push(format!(
            "INSERT INTO {table} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM generate_series(1, {ROWS}) AS n \
             ON CONFLICT DO NOTHING",
            names.join(", "),
            values.join(", "),
        ));
    }
    script.push("ANALYZE".to_owned());
    for statements in script.chunks(20) {
        let sql = statements.join("; ");
        world
            .execute(&format!("SET session_replication_role = replica; {sql}"))
            .unwrap();
    }
}

/// A column of `existing`, such as `due_at BigInt null`, and what it is in row `n`. What may be left out mostly is.
fn value(column: &str) -> (&str, String) {
    let (name, kind) = column.split_once(' ').unwrap();
    let value = match kind {
        _ if BROAD.contains(&name) && !kind.starts_with("BigInt") => broad(kind),
        "Text" => "md5(n::text)".to_owned(),
        "Text null" => "CASE WHEN n % 2 = 0 THEN md5(n::text) END".to_owned(),
        "BigInt" => "n".to_owned(),
        "BigInt null" => "CASE WHEN n % 50 = 0 THEN n END".to_owned(),
        "Bool" | "Bool null" => "n % 2 = 0".to_owned(),
        "Binary" | "Binary null" => "''".to_owned(),
        other => panic!("{other} is a new type"),
    };
    (name, value)
}

fn broad(kind: &str) -> String {
    match kind {
        "Bool" | "Bool null" => "n % 2 = 0",
        _ => "'value ' || n % 3",
    }
    .to_owned()
}

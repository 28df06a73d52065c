//! A database whose owner may do everything.

use crate::store_schema::existing;
use crate::world::World;

/// A world whose database takes every change, with a copy of each table to put back.
pub struct Unprotected<'w> {
    world: &'w World,
    tables: Vec<String>,
}

impl<'w> Unprotected<'w> {
    pub fn of(world: &'w World) -> Self {
        let mut tables: Vec<String> = existing(world).into_keys().collect();
        // A view on SQLite.
        tables.retain(|table| world.is_postgres() || table != "unprocessed_events");
        let names: Vec<&str> = tables.iter().map(String::as_str).collect();
        world.switch_triggers_off(&names);
        if world.is_postgres() {
            let checks = "SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || conname AS line \
                          FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace";
            let drops = world.lines(checks);
            world.execute(&drops.join("; ")).unwrap();
        }
        let this = Self { world, tables };
        this.each("CREATE TABLE kept_{} AS SELECT * FROM {}");
        this
    }

    pub fn execute(&self, sql: &str) {
        let all = if self.world.is_postgres() {
            sql.to_owned()
        } else {
            format!("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; {sql}")
        };
        self.world
            .execute(&all)
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    fn each(&self, sql: &str) {
        let all: Vec<String> = self.tables.iter().map(|t| sql.replace("{}", t)).collect();
        self.execute(&all.join("; "));
    }

    pub fn put_back(&self) {
        self.each("DELETE FROM {}; INSERT INTO {} SELECT * FROM kept_{}");
    }

    pub fn line(&self, sql: &str) -> String {
        let found = self.world.lines(sql);
        found.first().unwrap_or_else(|| panic!("{sql}")).clone()
    }
}

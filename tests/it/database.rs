//! A world's database, looked at and written to from outside the service.

use crate::cluster;
use crate::world::World;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// All that the ledger is made of.
pub const LEDGER: [&str; 6] = [
    "journals",
    "postings",
    "effects",
    "seals",
    "chain_head",
    "daily_balances",
];

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Of an SQLite plan.
#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

impl World {
    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// Runs statements on a connection of their own. The error is what the database says.
    pub fn execute(&self, sql: &str) -> Result<(), String> {
        if self.is_postgres() {
            cluster::shared().run_sql(&self.url, sql).map(|_| ())
        } else {
            self.sqlite_connection()
                .batch_execute(sql)
                .map_err(|error| error.to_string())
        }
    }

    /// The rows of a query with one column, `line`, of text.
    pub fn lines(&self, sql: &str) -> Vec<String> {
        if self.is_postgres() {
            let printed = cluster::shared().run_sql(&self.url, sql).unwrap();
            return printed.lines().map(str::to_owned).collect();
        }
        let rows: Vec<Row> = diesel::sql_query(sql)
            .load(&mut self.sqlite_connection())
            .unwrap();
        rows.into_iter().map(|row| row.line).collect()
    }

    /// The steps in which the database would run a query, in its own words. PostgreSQL reads small
    /// tables whole; here it is made to show what it does with large ones.
    pub fn plan(&self, sql: &str) -> Vec<String> {
        if self.is_postgres() {
            return self.lines(&format!(
                "SET enable_seqscan = off; SET enable_bitmapscan = off; EXPLAIN (COSTS OFF) {sql}"
            ));
        }
        let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}"))
            .load(&mut self.sqlite_connection())
            .unwrap();
        steps.into_iter().map(|step| step.detail).collect()
    }

    /// Every row of some tables, in order: the same lines mean the same contents.
    pub fn contents(&self, tables: &[&str]) -> Vec<String> {
        let queries: Vec<String> = tables
            .iter()
            .map(|table| self.contents_query(table))
            .collect();
        self.lines(&format!(
            "SELECT line FROM ({}) AS every ORDER BY line",
            queries.join(" UNION ALL ")
        ))
    }

    fn contents_query(&self, table: &str) -> String {
        if self.is_postgres() {
            // One line a row, for texts of several lines too.
            return format!(
                "SELECT '{table} ' || replace(CAST(t AS text), chr(10), '¶') AS line FROM {table} AS t"
            );
        }
        let columns = self.lines(&format!(
            "SELECT 'quote(' || name || ')' AS line FROM pragma_table_info('{table}')"
        ));
        format!(
            "SELECT '{table} ' || {} AS line FROM {table}",
            columns.join(" || ' ' || ")
        )
    }

    /// Takes away what protects the tables, foreign keys included, as somebody who owns the database can.
    pub fn switch_triggers_off(&self, tables: &[&str]) {
        for table in tables {
            if self.is_postgres() {
                self.execute(&format!("ALTER TABLE {table} DISABLE TRIGGER ALL"))
                    .unwrap();
            } else {
                let triggers = format!(
                    "SELECT 'DROP TRIGGER ' || name AS line FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = '{table}'"
                );
                for drop in self.lines(&triggers) {
                    self.execute(&drop).unwrap();
                }
            }
        }
    }

    fn sqlite_connection(&self) -> SqliteConnection {
        let path = self.url.strip_prefix("sqlite://").unwrap();
        let mut connection = SqliteConnection::establish(path).unwrap();
        connection
            .batch_execute("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON;")
            .unwrap();
        connection
    }
}

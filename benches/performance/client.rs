//! A program that has rows at hand and only inserts them, many in a statement that is prepared once, without any ORM.

use crate::fresh::Fresh;
use crate::measure::timed;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::collections::HashMap;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::{FromSql, ToSql, Type};
use tokio_postgres::{NoTls, Row, Statement};

/// Rows in one of SQLite's statements: as many as the service writes together.
const TOGETHER: usize = 16;

/// A table, and a query of the rows that are for it.
pub type Selected = (&'static str, String);

pub enum Client<'a> {
    Sqlite(&'a Connection),
    Postgres(Box<Postgres>),
}

impl<'a> Client<'a> {
    pub fn of(fresh: &'a Fresh) -> Self {
        match fresh {
            Fresh::Sqlite(connection) => Self::Sqlite(connection),
            Fresh::Postgres(url) => Self::Postgres(Box::new(Postgres::connect(url))),
        }
    }

    /// Reads rows, and says how long it takes to insert them into tables, all in one transaction.
    pub fn insert(&mut self, selects: &[Selected]) -> Duration {
        match self {
            Self::Sqlite(connection) => {
                let read = |(table, select): &Selected| Values::read(connection, table, select);
                let all: Vec<Values> = selects.iter().map(read).collect();
                timed(|| insert(connection, &all)).0
            }
            Self::Postgres(postgres) => {
                let read = |(table, select): &Selected| postgres.read(table, select);
                let all: Vec<Columns> = selects.iter().filter_map(read).collect();
                timed(|| postgres.insert(&all)).0
            }
        }
    }
}

/// Rows for one of SQLite's tables, one after another.
struct Values {
    table: &'static str,
    width: usize,
    values: Vec<Value>,
}

impl Values {
    fn read(connection: &Connection, table: &'static str, select: &str) -> Self {
        let mut query = connection.prepare(select).unwrap();
        let width = query.column_count();
        let mut values = Vec::new();
        let mut rows = query.query(()).unwrap();
        while let Some(row) = rows.next().unwrap() {
            values.extend((0..width).map(|column| row.get::<_, Value>(column).unwrap()));
        }
        Self {
            table,
            width,
            values,
        }
    }
}

fn insert(connection: &Connection, all: &[Values]) {
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    for Values {
        table,
        width,
        values,
    } in all
    {
        for some in values.chunks(width * TOGETHER) {
            let row = format!("({})", vec!["?"; *width].join(","));
            let rows = vec![row; some.len() / width].join(",");
            let sql = format!("INSERT INTO {table} VALUES {rows}");
            let mut statement = connection.prepare_cached(&sql).unwrap();
            statement.execute(params_from_iter(some)).unwrap();
        }
    }
    connection.execute_batch("COMMIT").unwrap();
}

pub struct Postgres {
    runtime: Runtime,
    client: tokio_postgres::Client,
    /// By table.
    inserts: HashMap<&'static str, Statement>,
}

/// Rows for one of PostgreSQL's tables, column by column, as they are handed to `unnest`.
struct Columns {
    table: &'static str,
    columns: Vec<Column>,
}

enum Column {
    Text(Vec<Option<String>>),
    BigInt(Vec<Option<i64>>),
    Bool(Vec<Option<bool>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

impl Column {
    fn of(rows: &[Row], index: usize) -> Self {
        fn values<'r, T: FromSql<'r>>(rows: &'r [Row], index: usize) -> Vec<Option<T>> {
            rows.iter().map(|row| row.get(index)).collect()
        }
        match *rows[0].columns()[index].type_() {
            Type::TEXT => Self::Text(values(rows, index)),
            Type::INT8 => Self::BigInt(values(rows, index)),
            Type::BOOL => Self::Bool(values(rows, index)),
            Type::BYTEA => Self::Bytes(values(rows, index)),
            ref other => panic!("a column of type {other}"),
        }
    }

    fn list(&self) -> (&(dyn ToSql + Sync), &'static str) {
        match self {
            Self::Text(values) => (values, "text[]"),
            Self::BigInt(values) => (values, "bigint[]"),
            Self::Bool(values) => (values, "boolean[]"),
            Self::Bytes(values) => (values, "bytea[]"),
        }
    }
}

impl Postgres {
    fn connect(url: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let connecting = tokio_postgres::connect(url, NoTls);
        let (client, connection) = runtime.block_on(connecting).unwrap();
        runtime.spawn(connection);
        Self {
            runtime,
            client,
            inserts: HashMap::new(),
        }
    }

    /// None where there are no rows. Prepares what is to insert them.
    fn read(&mut self, table: &'static str, select: &str) -> Option<Columns> {
        let rows = self.runtime.block_on(self.client.query(select, &[]));
        let rows = rows.unwrap();
        let width = rows.first()?.len();
        let columns: Vec<_> = (0..width).map(|index| Column::of(&rows, index)).collect();
        if !self.inserts.contains_key(table) {
            let lists = (1..).zip(&columns);
            let lists = lists.map(|(number, column)| format!("${number}::{}", column.list().1));
            let lists = lists.collect::<Vec<_>>().join(",");
            let sql = format!("INSERT INTO {table} SELECT * FROM unnest({lists})");
            let prepared = self.runtime.block_on(self.client.prepare(&sql)).unwrap();
            self.inserts.insert(table, prepared);
        }
        Some(Columns { table, columns })
    }

    fn insert(&mut self, all: &[Columns]) {
        let Self {
            runtime,
            client,
            inserts,
        } = self;
        runtime.block_on(async {
            let transaction = client.transaction().await.unwrap();
            for Columns { table, columns } in all {
                let lists: Vec<_> = columns.iter().map(|column| column.list().0).collect();
                transaction.execute(&inserts[table], &lists).await.unwrap();
            }
            transaction.commit().await.unwrap();
        });
    }
}

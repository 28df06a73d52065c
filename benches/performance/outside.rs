//! A database as a stranger sees it: SQL, and nothing of Avstem's own code.

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use futures_util::StreamExt;
use std::collections::HashMap;
use std::pin::pin;
use tokio_postgres::{Client, Statement};

pub enum Outside {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<Server>),
}

pub struct Server {
    runtime: tokio::runtime::Runtime,
    client: Client,
    /// By their text. What is asked often is read and planned once, for it is asked beside what is measured.
    prepared: HashMap<String, Statement>,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Outside {
    pub fn open(url: &str) -> Self {
        if let Some(path) = url.strip_prefix("sqlite://") {
            let mut connection = SqliteConnection::establish(path).unwrap();
            let patience = diesel::sql_query("PRAGMA busy_timeout = 10000");
            patience.execute(&mut connection).unwrap();
            return Self::Sqlite(Box::new(connection));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let connecting = tokio_postgres::connect(url, tokio_postgres::NoTls);
        let (client, connection) = runtime.block_on(connecting).unwrap();
        runtime.spawn(connection);
        Self::Postgres(Box::new(Server {
            runtime,
            client,
            prepared: HashMap::new(),
        }))
    }

    /// For what is asked again and again beside what is measured. A plan is kept, and one of a table that was empty when
    /// it was made would go through all of the table each time until somebody has counted it.
    pub fn beside(url: &str) -> Self {
        let mut outside = Self::open(url);
        if let Self::Postgres(server) = &mut outside {
            let by_index = "SET enable_seqscan = off; SET enable_bitmapscan = off";
            let Server {
                runtime, client, ..
            } = server.as_mut();
            runtime.block_on(client.batch_execute(by_index)).unwrap();
        }
        outside
    }

    /// Calls `see` with the text of each row of a query whose only column is called `line`.
    pub fn each(&mut self, sql: &str, see: impl FnMut(&str)) {
        self.each_of(sql, None, see);
    }

    /// The same, of a query with one number, `$1`.
    pub fn each_after(&mut self, sql: &str, after: i64, see: impl FnMut(&str)) {
        self.each_of(sql, Some(after), see);
    }

    fn each_of(&mut self, sql: &str, number: Option<i64>, mut see: impl FnMut(&str)) {
        match self {
            Self::Sqlite(connection) => {
                let mut query = diesel::sql_query(sql).into_boxed();
                if let Some(number) = number {
                    query = query.bind::<BigInt, _>(number);
                }
                let rows = query
                    .load_iter::<Line, DefaultLoadingMode>(&mut **connection)
                    .unwrap();
                for row in rows {
                    see(&row.unwrap().line);
                }
            }
            Self::Postgres(server) => server.each(sql, number, see),
        }
    }

    /// The number that a query has in its one row.
    pub fn number(&mut self, sql: &str) -> i64 {
        let mut number = None;
        self.each(sql, |line| number = Some(line.parse().unwrap()));
        number.unwrap()
    }
}

impl Server {
    fn each(&mut self, sql: &str, number: Option<i64>, mut see: impl FnMut(&str)) {
        let Self {
            runtime,
            client,
            prepared,
        } = self;
        runtime.block_on(async {
            if !prepared.contains_key(sql) {
                let statement = client.prepare(sql).await.unwrap();
                prepared.insert(sql.to_owned(), statement);
            }
            let mut rows = pin!(client.query_raw(&prepared[sql], number).await.unwrap());
            while let Some(row) = rows.next().await {
                see(row.unwrap().get("line"));
            }
        });
    }
}

//! A database as a stranger sees it: SQL, and nothing of Avstem's own code.

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::Text;
use futures_util::StreamExt;
use std::pin::pin;

pub enum Outside {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<(tokio::runtime::Runtime, tokio_postgres::Client)>),
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
        Self::Postgres(Box::new((runtime, client)))
    }

    /// Calls `see` with the text of each row of a query whose only column is called `line`.
    pub fn each(&mut self, sql: &str, mut see: impl FnMut(&str)) {
        match self {
            Self::Sqlite(connection) => {
                let rows = diesel::sql_query(sql)
                    .load_iter::<Line, DefaultLoadingMode>(&mut **connection)
                    .unwrap();
                for row in rows {
                    see(&row.unwrap().line);
                }
            }
            Self::Postgres(server) => {
                let (runtime, client) = &**server;
                runtime.block_on(async {
                    let none: [&str; 0] = [];
                    let mut rows = pin!(client.query_raw(sql, none).await.unwrap());
                    while let Some(row) = rows.next().await {
                        see(row.unwrap().get("line"));
                    }
                });
            }
        }
    }

    /// The number that a query has in its one row.
    pub fn number(&mut self, sql: &str) -> i64 {
        let mut number = None;
        self.each(sql, |line| number = Some(line.parse().unwrap()));
        number.unwrap()
    }
}

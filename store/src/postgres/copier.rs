//! A connection that copies: the rows of a page come as one stream of bytes. diesel's connections cannot do that.

use super::super::StoreError;
use super::connections::{SESSION, Server, unreachable};
use super::{C, driven, execute};
use diesel::prelude::*;
use diesel::sql_types::Text;
use futures_util::TryStreamExt;
use postgres_protocol::escape::escape_literal;
use std::pin::pin;
use std::sync::Arc;
use tokio::runtime::Runtime;
use tokio_postgres::Client;

/// While one of the two connections reads, the other is idle, and must not be taken for forgotten.
const MAY_IDLE: &str = "SET LOCAL idle_in_transaction_session_timeout = 0";
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Driven by the thread that uses it. Closed when it is dropped.
pub struct Copier {
    runtime: Arc<Runtime>,
    client: Client,
}

#[derive(QueryableByName)]
struct Exported {
    #[diesel(sql_type = Text)]
    snapshot: String,
}

impl Copier {
    /// What it copies is what the transaction sees that is open on another connection, for as long as that one is open.
    pub(super) fn beside(server: &Server, c: &mut C) -> Result<Self, StoreError> {
        execute(c, MAY_IDLE)?;
        let exported = diesel::sql_query("SELECT pg_export_snapshot() AS snapshot");
        let Exported { snapshot } = exported.get_result(c)?;
        let runtime = driven::runtime().map_err(unreachable)?;
        let connected = runtime.block_on(async {
            let connecting = tokio_postgres::connect(&server.url, server.tls.clone());
            let (client, connection) = connecting.await.map_err(unreachable)?;
            // Whoever waits for an answer is told what became of it.
            tokio::spawn(async { drop(connection.await) });
            let begin = format!(
                "{BEGIN}; SET TRANSACTION SNAPSHOT {}",
                escape_literal(&snapshot)
            );
            for statements in [SESSION, &begin, MAY_IDLE] {
                client.batch_execute(statements).await.map_err(not_copied)?;
            }
            Ok::<_, StoreError>(client)
        });
        let client = connected?;
        Ok(Self { runtime, client })
    }

    /// Adds to `bytes` what a query finds, in the binary form of a copy.
    pub fn copy(&self, select: &str, bytes: &mut Vec<u8>) -> Result<(), StoreError> {
        let statement = format!("COPY ({select}) TO STDOUT (FORMAT BINARY)");
        let copying = async {
            let mut rows = pin!(self.client.copy_out(&statement).await?);
            while let Some(some) = rows.try_next().await? {
                bytes.extend_from_slice(&some);
            }
            Ok(())
        };
        self.runtime.block_on(copying).map_err(not_copied)
    }
}

fn not_copied(error: tokio_postgres::Error) -> StoreError {
    StoreError::Copy(Box::new(error))
}

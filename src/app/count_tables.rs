//! Has the database count the tables that have grown, so that it plans by what is in them.
//!
//! PostgreSQL counts a table by itself a minute or more after it has grown. Until then it takes all indexes that begin alike
//! for equally good, and reads by one of them whatever a connection has, for each object that is looked up.

use super::{App, Failure};

/// How many tables were counted.
pub fn run_due(app: &App) -> Result<usize, Failure> {
    let counted = app.store.count_grown_tables()?;
    if counted > 0 {
        tracing::debug!(tables = counted, "Had tables counted that have grown");
    }
    Ok(counted)
}

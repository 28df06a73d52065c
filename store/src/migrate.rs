//! Migrations, embedded in the binary; the folders hold the same names for both databases.

use super::StoreError;
use diesel_migrations::MigrationHarness;

/// Names of the migrations that were applied now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied(pub Vec<String>);

/// Names of the migrations that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending(pub Vec<String>);

pub(super) fn apply<DB: diesel::backend::Backend>(
    harness: &mut impl MigrationHarness<DB>,
    source: diesel_migrations::EmbeddedMigrations,
) -> Result<Applied, StoreError> {
    let versions = harness
        .run_pending_migrations(source)
        .map_err(StoreError::Migration)?;
    Ok(Applied(versions.iter().map(ToString::to_string).collect()))
}

pub(super) fn pending<DB: diesel::backend::Backend>(
    harness: &mut impl MigrationHarness<DB>,
    source: diesel_migrations::EmbeddedMigrations,
) -> Result<Pending, StoreError> {
    let waiting = harness
        .pending_migrations(source)
        .map_err(StoreError::Migration)?;
    Ok(Pending(
        waiting
            .iter()
            .map(|migration| migration.name().to_string())
            .collect(),
    ))
}

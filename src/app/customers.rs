//! Customers, looked at.

use super::{App, Failure};
use crate::store::rows::Customer;

/// What a list is narrowed to. `before` is an id of ours: only older ones follow.
#[derive(Debug, Default)]
pub struct Filter {
    /// Exactly as the provider told it.
    pub email: Option<String>,
    pub before: Option<String>,
}

/// Newest first.
pub fn list(app: &App, filter: &Filter, limit: i64) -> Result<Vec<Customer>, Failure> {
    app.store.read(|tx| {
        Ok(tx.list_customers(filter.email.as_deref(), filter.before.as_deref(), limit)?)
    })
}

/// By our id or the provider's.
pub fn find(app: &App, id: &str) -> Result<Option<Customer>, Failure> {
    app.store.read(|tx| Ok(tx.find_customer(id)?))
}

//! What this thread asks of its databases, in SQL.

use avstem::store::{Store, StoreError, WriteTx};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use std::cell::RefCell;

thread_local! {
    static HEARD: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
    /// Statements that a connection keeps prepared from then on.
    static KEPT: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// On every connection that is made from now on, of other tests too: it hears only who listens.
struct Listener;

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            HEARD.with_borrow_mut(|heard| {
                if let Some(heard) = heard {
                    heard.push(query.to_string());
                }
            });
        } else if let InstrumentationEvent::CacheQuery { sql, .. } = event {
            KEPT.with_borrow_mut(|kept| kept.push(sql.to_owned()));
        }
    }
}

/// A store that can be listened to.
pub fn store(url: &str) -> Store {
    set_default_instrumentation(|| Some(Box::new(Listener))).unwrap();
    Store::open(url).unwrap()
}

/// The statements of some work, without their values.
pub fn statements(work: impl FnOnce()) -> Vec<String> {
    HEARD.set(Some(Vec::new()));
    work();
    let heard = HEARD.take().unwrap_or_default();
    let without_values = |said: &String| said.split(" -- binds:").next().unwrap_or(said).to_owned();
    let plans = |said: &String| {
        ["SELECT", "UPDATE", "DELETE", "INSERT", "WITH"]
            .iter()
            .any(|verb| said.starts_with(verb))
    };
    heard
        .iter()
        .map(without_values)
        .filter(plans)
        .filter(|said| !said.contains("pg_advisory"))
        .collect()
}

/// Those that were to be kept prepared since this was asked last.
pub fn kept() -> Vec<String> {
    KEPT.take()
}

/// The statements of one query of the store.
pub fn of_query(
    store: &Store,
    query: fn(&mut WriteTx<'_>) -> Result<(), StoreError>,
) -> Vec<String> {
    statements(|| store.write(query).unwrap())
}

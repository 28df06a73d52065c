//! Two databases, side by side, page by page.

use super::super::Failure;
use super::super::progress::Progress;
use super::adopted::Adopted;
use super::finding::Finding;
use super::projection::{Line, Names, Projection};
use super::sums::{OfCharges, OfOthers};
use super::tables::{
    Charges, Customers, DisputeMovements, Disputes, InvoicePayments, InvoiceSubscriptions,
    Invoices, OtherRefunds, OurRefunds, Payouts, Subscriptions,
};
use super::{Part, Watch};
use crate::store::ReadTx;
use crate::store::rows::Projected;
use std::collections::{BTreeMap, BTreeSet};

/// Keys looked at together.
const PAGE: i64 = 250;

pub(super) struct Comparison<'c, 'l, 'r> {
    live: &'c mut ReadTx<'l>,
    rebuilt: &'c mut ReadTx<'r>,
    watch: &'c mut dyn Watch,
    /// Of the database.
    pub rows: u64,
    pub findings: u64,
}

impl<'c, 'l, 'r> Comparison<'c, 'l, 'r> {
    pub(super) fn new(
        live: &'c mut ReadTx<'l>,
        rebuilt: &'c mut ReadTx<'r>,
        watch: &'c mut dyn Watch,
    ) -> Self {
        Self {
            live,
            rebuilt,
            watch,
            rows: 0,
            findings: 0,
        }
    }

    pub(super) fn everything(&mut self) -> Result<(), Failure> {
        self.table::<Customers>()?;
        self.table::<Subscriptions>()?;
        self.table::<Invoices>()?;
        self.table::<InvoiceSubscriptions>()?;
        self.table::<InvoicePayments>()?;
        self.table::<Charges>()?;
        self.table::<OurRefunds>()?;
        self.table::<OtherRefunds>()?;
        self.table::<Adopted>()?;
        self.table::<Disputes>()?;
        self.table::<DisputeMovements>()?;
        self.table::<Payouts>()?;
        self.table::<OfCharges>()?;
        self.table::<OfOthers>()
    }

    /// First what the database has, then what only the rebuild has. Each database has its own order of
    /// texts, so neither is relied on.
    fn table<P: Projection>(&mut self) -> Result<(), Failure> {
        let mut pages = Pages::of(P::BY);
        while let Some((connection, keys)) = pages.next(self.live)? {
            let live = lines::<P>(self.live, &connection, &keys)?;
            let rebuilt = lines::<P>(self.rebuilt, &connection, &keys)?;
            for (key, line) in live {
                self.rows = self.rows.saturating_add(1);
                match rebuilt.get(&key) {
                    Some(other) => self.cells(P::TABLE, &line, other),
                    None => self.found(Finding::OnlyLive {
                        table: P::TABLE,
                        key,
                    }),
                }
            }
            let progress = Progress {
                done: self.rows,
                total: None,
            };
            self.watch.progress(Part::Comparing, progress);
        }
        let mut pages = Pages::of(P::BY);
        while let Some((connection, keys)) = pages.next(self.rebuilt)? {
            let live = lines::<P>(self.live, &connection, &keys)?;
            for key in lines::<P>(self.rebuilt, &connection, &keys)?.into_keys() {
                if !live.contains_key(&key) {
                    self.found(Finding::OnlyRebuilt {
                        table: P::TABLE,
                        key,
                    });
                }
            }
        }
        Ok(())
    }

    fn cells(&mut self, table: &'static str, live: &Line, rebuilt: &Line) {
        for ((column, live_cell), (_, rebuilt_cell)) in live.cells.iter().zip(&rebuilt.cells) {
            if !live_cell.agrees(rebuilt_cell) {
                self.found(Finding::Differs {
                    table,
                    key: live.key.clone(),
                    column,
                    live: live_cell.value(),
                    rebuilt: rebuilt_cell.value(),
                });
            }
        }
    }

    fn found(&mut self, finding: Finding) {
        self.findings = self.findings.saturating_add(1);
        self.watch.found(finding);
    }
}

/// The keys of a kind of rows, connection by connection.
struct Pages {
    of: Projected,
    connection: String,
    /// Where the connection's keys go on; `None` when it has no more.
    after: Option<String>,
}

impl Pages {
    const fn of(of: Projected) -> Self {
        Self {
            of,
            connection: String::new(),
            after: None,
        }
    }

    fn next(&mut self, tx: &mut ReadTx<'_>) -> Result<Option<(String, Vec<String>)>, Failure> {
        loop {
            let Some(after) = &self.after else {
                let Some(next) = tx.next_connection(self.of, &self.connection)? else {
                    return Ok(None);
                };
                self.connection = next;
                self.after = Some(String::new());
                continue;
            };
            let keys = tx.keys_after(self.of, &self.connection, after, PAGE)?;
            self.after = keys.last().cloned();
            if !keys.is_empty() {
                return Ok(Some((self.connection.clone(), keys)));
            }
        }
    }
}

/// The rows of some keys, written down, by what tells them apart.
fn lines<P: Projection>(
    tx: &mut ReadTx<'_>,
    connection: &str,
    keys: &[String],
) -> Result<BTreeMap<String, Line>, Failure> {
    let rows = P::rows(tx, connection, keys)?;
    let parents: BTreeSet<String> = rows.iter().filter_map(P::parent).collect();
    let parents: Vec<String> = parents.into_iter().collect();
    let names = Names::of(tx, P::PARENT, &parents)?;
    Ok(rows
        .iter()
        .map(|row| P::line(row, &names))
        .map(|line| (line.key.clone(), line))
        .collect())
}

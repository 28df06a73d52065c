//! Writes an export, whole or not at all: whoever gets an error must not keep what was written.

mod vouchers;

use super::facts::{ChargePicture, SubscriptionPicture, pictures};
use super::progress::Progress;
use super::trial_balance::trial_balance_in;
use super::{App, Failure};
use crate::exports::ExportError;
use crate::exports::formats::{Format, Out, Writer, Writes};
use crate::exports::kinds::{AccountBalance, Answers, ChargeDescription, Days, Kind, Scope};
use crate::exports::ledger::LedgerScope;
use crate::exports::table::{Heading, Value};
use crate::store::ReadTx;
use crate::store::rows::{Charge, InvoiceSubscription, Subscription};
use avstem_domain::charge::ChargeKind;
use avstem_domain::time::{Timestamp, start_of_day};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Rows between two words to whoever watches.
const ROWS_PER_PROGRESS: u64 = 1_000;

/// What to export. Days are calendar days of `time_zone`, both included.
#[derive(Debug, Clone, Copy)]
pub struct ExportRequest {
    pub kind: &'static Kind,
    pub format: &'static Format,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Of the format's unit, without a header.
    pub count: u64,
    /// What whoever uses the file should know.
    pub notes: Vec<String>,
}

/// Writes the export to `out`.
pub fn export(
    app: &App,
    request: &ExportRequest,
    out: &mut Out,
    progress: &mut dyn FnMut(Progress),
) -> Result<Exported, ExportError> {
    if let (Some(from), Some(to)) = (request.from, request.to)
        && to < from
    {
        return Err(ExportError::DaysReversed { from, to });
    }
    request.format.require(request.kind)?;
    let days = Days {
        from: request.from,
        to: request.to,
    };
    let mut count = 0u64;
    let mut counted = || {
        count = count.saturating_add(1);
        if count.is_multiple_of(ROWS_PER_PROGRESS) {
            progress(Progress {
                done: count,
                total: None,
            });
        }
    };
    match request.format.writes {
        Writes::Rows(begin) => {
            let heading = Heading {
                kind: request.kind.name,
                columns: request.kind.columns,
                days,
                time_zone: app.config.time_zone.name(),
            };
            app.store.snapshot(|tx| {
                let writer = begin(&heading, out)?;
                table(app, tx, request, writer, &mut counted)
            })?;
        }
        Writes::Journals(write) => {
            let mut scope = LedgerScope {
                days,
                company: &app.config.books.company,
                currency: app.config.books.currency,
                balances: &balances,
                written: &mut counted,
            };
            app.store.snapshot(|tx| write(tx, &mut scope, out))?;
        }
        Writes::Vouchers => return vouchers::export(app, days, out, progress),
    }
    Ok(Exported {
        count,
        notes: Vec::new(),
    })
}

/// Writes every row of a kind, in one snapshot.
fn table(
    app: &App,
    tx: &mut ReadTx<'_>,
    request: &ExportRequest,
    mut writer: Writer<'_>,
    counted: &mut dyn FnMut(),
) -> Result<(), ExportError> {
    let zone = app.config.time_zone;
    let start = |day: NaiveDate| start_of_day(day, zone).as_micros();
    let scope = Scope {
        days: Days {
            from: request.from,
            to: request.to,
        },
        from: request.from.map(start),
        // After the last day of the calendar nothing can have happened.
        to: request.to.and_then(|day| day.succ_opt()).map(start),
        answers: Answers {
            charges: &describe_charges,
            balances: &balances,
        },
    };
    let mut sink = |row: &[Value]| {
        counted();
        Ok(writer.row(row)?)
    };
    (request.kind.rows)(tx, &scope, &mut sink)?;
    Ok(writer.finish()?)
}

fn balances(
    tx: &mut ReadTx<'_>,
    as_of: Option<NaiveDate>,
) -> Result<Vec<AccountBalance>, ExportError> {
    let balance = trial_balance_in(tx, as_of).map_err(ExportError::answer)?;
    let accounts = balance
        .currencies
        .into_values()
        .flat_map(|currency| currency.accounts);
    Ok(accounts
        .map(|(account, balance)| AccountBalance { account, balance })
        .collect())
}

fn describe_charges(
    tx: &mut ReadTx<'_>,
    charges: &[Charge],
) -> Result<Vec<ChargeDescription>, ExportError> {
    describe(tx, charges).map_err(ExportError::answer)
}

fn describe(tx: &mut ReadTx<'_>, charges: &[Charge]) -> Result<Vec<ChargeDescription>, Failure> {
    let subscriptions = subscriptions_of(tx, charges)?;
    let pictures = pictures(tx, &subscriptions)?;
    let mut found = BTreeMap::<&str, Vec<(&SubscriptionPicture, &ChargePicture)>>::new();
    for picture in &pictures {
        for charge in &picture.charges {
            found
                .entry(&charge.row.id)
                .or_default()
                .push((picture, charge));
        }
    }
    let description = |charge: &Charge| match found.get(charge.id.as_str()).map(Vec::as_slice) {
        Some([(picture, of_subscription)]) => Ok(ChargeDescription {
            subscription: Some((
                picture.subscription.id.clone(),
                picture.subscription.provider_id.clone(),
            )),
            ..described(of_subscription)
        }),
        // What it was for may differ between the subscriptions.
        Some([(_, of_first), ..]) => Ok(ChargeDescription {
            kind: None,
            ..described(of_first)
        }),
        Some([]) | None => alone(charge),
    };
    charges.iter().map(description).collect()
}

fn described(charge: &ChargePicture) -> ChargeDescription {
    ChargeDescription {
        subscription: None,
        kind: Some(charge.kind),
        paid_at: charge.paid_at,
        period: charge.period,
        refunded: charge.refunded(),
    }
}

/// A charge of no subscription, as far as is known.
fn alone(charge: &Charge) -> Result<ChargeDescription, Failure> {
    let made_at =
        Timestamp::from_micros(charge.created_at).map_err(|e| Failure::unreadable("time", e))?;
    Ok(ChargeDescription {
        subscription: None,
        kind: Some(ChargeKind::Other),
        paid_at: (charge.status == "succeeded").then_some(made_at),
        period: None,
        refunded: charge.refunded.max(charge.refunded_hint),
    })
}

/// The subscriptions that the charges' invoices billed.
fn subscriptions_of(tx: &mut ReadTx<'_>, charges: &[Charge]) -> Result<Vec<Subscription>, Failure> {
    let mut invoices = BTreeMap::<&str, BTreeSet<String>>::new();
    for charge in charges {
        if let Some(invoice) = &charge.invoice {
            invoices
                .entry(&charge.connection)
                .or_default()
                .insert(invoice.clone());
        }
    }
    let mut subscriptions = Vec::new();
    for (connection, invoices) in invoices {
        let invoices: Vec<String> = invoices.into_iter().collect();
        let billed = tx.invoice_subscriptions_by_invoices(connection, &invoices)?;
        let ids: BTreeSet<String> = billed
            .into_iter()
            .map(|row: InvoiceSubscription| row.subscription)
            .collect();
        subscriptions.extend(
            tx.subscriptions_by_provider_ids(connection, &ids.into_iter().collect::<Vec<_>>())?,
        );
    }
    Ok(subscriptions)
}

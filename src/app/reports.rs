//! Reports, read from the database: each from one snapshot, in sums that the database makes or in pages.

use super::books::{money, time};
use super::breaks;
use super::reconcile::{self, Report};
use super::trial_balance::trial_balance_in;
use super::{App, Failure};
use crate::reports::Span;
use crate::reports::aging::{Aging, OpenBreak};
use crate::reports::reconciliation::{Balance, ExpectedSum, Reconciled, Summary};
use crate::reports::refunds::{Decided, MadeGroup, Maker, Refunds, VerdictGroup};
use crate::reports::revenue::Revenue;
use crate::reports::waterfall::{Moved, Waterfall};
use crate::store::ReadTx;
use crate::store::rows::{DeferredCharge, Reconciliation, RefundSum, Reported, VerdictSum};
use avstem_domain::ledger::account::Account;
use avstem_domain::ledger::journal::JournalEvent;
use avstem_domain::ledger::posting::{BookedCharge, Classification, Income, deferred_by};
use avstem_domain::matching::outcome::Reason;
use avstem_domain::refund_policy::{Clause, Code};
use avstem_domain::time::{BillingPeriod, start_of_day};
use chrono::NaiveDate;

/// Rows in one page.
const PAGE: i64 = 2_000;
/// Days before and after all that are stored.
const FIRST_DAY: &str = "0000-01-01";
const LAST_DAY: &str = "9999-12-31";

/// What a report is about.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// One connection, or all of them.
    pub connection: Option<String>,
    /// Days of what is reported, both included.
    pub span: Span,
    /// The day that is looked back from, where a report has one.
    pub through: Option<NaiveDate>,
}

/// The last reconciliation that covers the connection, through that day if one is named.
pub fn reconciliation(app: &App, asked: &Asked) -> Result<Summary, Failure> {
    let connection = asked.connection.as_deref();
    let through = asked.through.map(|day| day.to_string());
    let found = app
        .store
        .read(|tx| tx.reconciliation_covering(connection, through.as_deref()))?;
    let last = found.map(|row| reconciled(&row, connection)).transpose()?;
    Ok(Summary {
        connection: asked.connection.clone(),
        last,
    })
}

/// From what customers paid to what came to the bank, by the days booked.
pub fn waterfall(app: &App, asked: &Asked) -> Result<Waterfall, Failure> {
    let sums = bounded(app, asked, |rows| {
        Ok(app.store.snapshot(|tx| tx.money_moved(rows))?)
    })?;
    let mut moved = Vec::new();
    for sum in sums {
        let account = Account::parse(&sum.account);
        moved.push(Moved {
            event: event(&sum.event)?,
            account: account.map_err(|e| Failure::unreadable("account", e))?,
            amount: money(sum.amount, &sum.currency)?,
        });
    }
    Ok(Waterfall::of(asked.span, asked.connection.clone(), &moved)?)
}

/// The open breaks, at the ages that they have on the day asked for, and then of money up to that day; or
/// else on the day that was reconciled through last.
pub fn breaks(app: &App, asked: &Asked) -> Result<Aging, Failure> {
    let connection = asked.connection.as_deref();
    app.store.snapshot(|tx| {
        let last = tx.last_reconciliation()?.map(|row| row.through);
        let last = last.as_deref().map(day).transpose()?;
        let (day, upto) = (asked.through.or(last), asked.through);
        let upto = upto.map(|day| day.to_string());
        let mut aging = Aging::new(day, asked.connection.clone());
        let mut after = String::new();
        loop {
            let days = (None, upto.as_deref());
            let page = tx.breaks_after(Some("open"), connection, days, &after, PAGE)?;
            let Some((last, _)) = page.last() else {
                return Ok(aging);
            };
            after.clone_from(&last.id);
            for (row, event) in page {
                let view = breaks::view(row, event, None)?;
                let opened = self::day(&view.row.opened_on)?;
                let age = day.map_or(view.age_days, |day| {
                    day.signed_duration_since(opened).num_days().max(0)
                });
                aging.add(&OpenBreak {
                    kind: view.kind,
                    age_days: age,
                    difference: view.difference,
                })?;
            }
        }
    })
}

/// Verdicts by the day decided, and refunds by the day made.
pub fn refunds(app: &App, asked: &Asked) -> Result<Refunds, Failure> {
    bounded(app, asked, |rows| {
        app.store.snapshot(|tx| {
            let verdicts = tx.verdict_sums(rows)?;
            let made = tx.refund_sums(rows)?;
            Ok(Refunds {
                span: asked.span,
                connection: asked.connection.clone(),
                verdicts: verdicts.iter().map(verdicts_of).collect::<Result<_, _>>()?,
                made: made.iter().map(refunds_of).collect::<Result<_, _>>()?,
            })
        })
    })
}

/// The months in which everything that was deferred is earned.
pub fn revenue(app: &App, asked: &Asked) -> Result<Revenue, Failure> {
    let zone = app.config.time_zone;
    app.store.snapshot(|tx| {
        let mut revenue = Revenue::new(asked.span, asked.connection.clone());
        let mut after = String::new();
        loop {
            let page = tx.deferred_charges(asked.connection.as_deref(), &after, PAGE)?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.id);
            for charge in &page {
                let booked = booked(charge)?;
                revenue.add(deferred_by(&booked)?, period(charge)?, zone)?;
            }
        }
        if asked.connection.is_none() {
            add_standing(tx, &mut revenue)?;
        }
        Ok(revenue)
    })
}

fn add_standing(tx: &mut ReadTx<'_>, revenue: &mut Revenue) -> Result<(), Failure> {
    let account = Account::DeferredRevenue.to_string();
    for balances in trial_balance_in(tx, None)?.currencies.values() {
        if let Some(balance) = balances.accounts.get(&account) {
            revenue.stands(balance.checked_neg()?);
        }
    }
    Ok(())
}

/// Hands over the bounds as the database knows them.
fn bounded<T>(
    app: &App,
    asked: &Asked,
    read: impl FnOnce(Reported<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let Span { from, to } = asked.span;
    let start = |day: NaiveDate| start_of_day(day, app.config.time_zone).as_micros();
    let [first, last] = [from, to].map(|day| day.map(|day| day.to_string()));
    let after = to.and_then(|day| day.succ_opt());
    read(Reported {
        connection: asked.connection.as_deref(),
        days: (
            first.as_deref().unwrap_or(FIRST_DAY),
            last.as_deref().unwrap_or(LAST_DAY),
        ),
        instants: (from.map_or(i64::MIN, start), after.map_or(i64::MAX, start)),
    })
}

/// What a run kept, narrowed to a connection.
fn reconciled(row: &Reconciliation, connection: Option<&str>) -> Result<Reconciled, Failure> {
    let report = Report::from_json(&row.report)?;
    let wanted = |name: &str| connection.is_none_or(|wanted| wanted == name);
    let balances = report.proof.iter().filter(|one| wanted(&one.connection));
    let expected = report.expected.iter();
    let expected = expected.filter(|one| wanted(&one.connection));
    Ok(Reconciled {
        id: row.id.clone(),
        through: day(&row.through)?,
        breaks: report.breaks.values().sum(),
        balances: balances.map(balance).collect::<Result<_, _>>()?,
        expected: expected.map(expected_sum).collect::<Result<_, _>>()?,
    })
}

fn balance(proof: &reconcile::Proof) -> Result<Balance, Failure> {
    let amount = |minor| proof.money(minor);
    Ok(Balance {
        connection: proof.connection.clone(),
        provider: proof.provider.map(amount).transpose()?,
        ledger: amount(proof.ledger)?,
        in_transit: amount(proof.in_transit)?,
        bank: amount(proof.bank)?,
        difference: proof.difference.map(amount).transpose()?,
    })
}

fn expected_sum(sum: &reconcile::ExpectedSum) -> Result<ExpectedSum, Failure> {
    let mut reasons = Reason::ALL.into_iter();
    let reason = reasons.find(|reason| reason.as_str() == sum.reason);
    Ok(ExpectedSum {
        reason: reason.ok_or_else(|| Failure::unreadable("reason", &sum.reason))?,
        connection: sum.connection.clone(),
        amount: money(sum.amount, &sum.currency)?,
        count: sum.count,
        oldest_on: day(&sum.oldest_on)?,
    })
}

fn verdicts_of(sum: &VerdictSum) -> Result<VerdictGroup, Failure> {
    let decision = Decided::parse(&sum.decision);
    let amount = |minor| money(minor, &sum.currency);
    Ok(VerdictGroup {
        decision: decision.ok_or_else(|| Failure::unreadable("decision", &sum.decision))?,
        clause: Clause::parse(&sum.clause)
            .ok_or_else(|| Failure::unreadable("clause", &sum.clause))?,
        code: Code::parse(&sum.code).ok_or_else(|| Failure::unreadable("code", &sum.code))?,
        verdicts: sum.verdicts,
        charged: amount(sum.charged)?,
        granted: amount(sum.granted)?,
        waived: amount(sum.waived)?,
    })
}

fn refunds_of(sum: &RefundSum) -> Result<MadeGroup, Failure> {
    let maker = match (sum.origin.as_str(), sum.conform.as_str()) {
        ("avstem", _) => Maker::Us,
        ("provider", "yes") => Maker::OthersByPolicy,
        ("provider", "no") => Maker::OthersOutsidePolicy,
        ("provider", _) => Maker::OthersNotJudged,
        (other, _) => return Err(Failure::unreadable("origin", other)),
    };
    Ok(MadeGroup {
        maker,
        state: sum.state.clone(),
        refunds: sum.refunds,
        amount: money(sum.amount, &sum.currency)?,
    })
}

fn booked(charge: &DeferredCharge) -> Result<BookedCharge, Failure> {
    let amount = |minor| money(minor, &charge.currency);
    Ok(BookedCharge {
        gross: amount(charge.amount)?,
        refunded: amount(charge.decided)?,
        lost: amount(charge.lost)?,
        // The schedule is told as if no month had been closed.
        recognised: amount(0)?,
        classification: Classification {
            vat: amount(charge.booked_vat)?,
            income: Income::Deferred,
        },
    })
}

/// The period that a charge paid for. Where its invoice tells none that has a length, it is earned when
/// it was charged.
fn period(charge: &DeferredCharge) -> Result<BillingPeriod, Failure> {
    let told = charge.period_start.zip(charge.period_end);
    let told = told.filter(|(start, end)| start < end);
    let (start, end) = match told {
        Some((start, end)) => (time(start)?, time(end)?),
        None => {
            let at = time(charge.created_at)?;
            (at, at.saturating_add_micros(1))
        }
    };
    BillingPeriod::new(start, end).map_err(|e| Failure::unreadable("period", e))
}

fn event(text: &str) -> Result<JournalEvent, Failure> {
    let mut all = JournalEvent::ALL.into_iter();
    all.find(|event| event.as_str() == text)
        .ok_or_else(|| Failure::unreadable("event", text))
}

fn day(text: &str) -> Result<NaiveDate, Failure> {
    text.parse().map_err(|e| Failure::unreadable("day", e))
}

//! Month ends: what is recognised, what a closed month refuses, and what its statement says.

mod crashes;
mod statements;

use crate::world::{World, monthly};
use avstem::app::month_end::{self, CloseError, ReopenError, statement::Statement};
use avstem::app::trial_balance::trial_balance;
use avstem::app::{App, Failure};
use avstem_domain::money::{Currency, Money};
use avstem_domain::revenue::{Month, schedule};
use avstem_domain::time::{BillingPeriod, Timestamp};
use avstem_simulator::{Interval, PaymentBehavior, Plan};
use chrono::NaiveDate;

on_both_databases! {
    a_month_is_closed_and_states_what_it_came_to,
    months_close_in_order_after_they_end_and_open_again_in_the_opposite_order,
    what_comes_late_lands_in_the_next_open_month,
    the_database_refuses_a_journal_in_a_closed_month_and_months_out_of_order,
    a_month_is_opened_with_a_reason_and_closed_again,
    a_refund_after_a_month_end_takes_what_is_deferred_and_the_rest_from_income,
    a_dispute_lost_after_a_month_end_is_a_loss_of_what_was_earned,
    a_month_closed_long_after_a_refund_earned_what_it_earned,
    a_year_of_history_closes_twelve_months,
}

const DEFERRED: &str = "liabilities:deferred_revenue";
const INCOME: &str = "income:subscriptions";

pub fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

pub fn close_by(app: &App, of: Month) -> Result<Statement, CloseError> {
    month_end::close(app, of, "test", &mut |_| {})
}

fn close(world: &World, text: &str) -> Statement {
    close_by(&world.app, month(text)).unwrap()
}

/// What an account stood at in SEK when a day had ended.
fn stood_at(world: &World, day: &str, account: &str) -> String {
    let day: NaiveDate = day.parse().unwrap();
    let balances = trial_balance(&world.app, Some(day)).unwrap();
    let sek = balances.currencies.get("SEK");
    let found = sek.and_then(|sek| sek.accounts.get(account));
    found.map_or_else(|| "0.00".to_owned(), Money::to_decimal_string)
}

/// What the schedules of all charges leave deferred after `closed`. One that was refunded by then leaves
/// nothing.
fn scheduled_after(world: &World, closed: Month) -> i64 {
    let zone = world.app.config.time_zone;
    let currency = Currency::parse("SEK").unwrap();
    let read = |tx: &mut avstem::store::ReadTx<'_>| {
        let mut left = 0;
        let until = Some(closed.end(zone).as_micros());
        for charge in tx.charges_after(None, until, "", 1_000)? {
            let refunds = tx.refunds_by_charges(std::slice::from_ref(&charge.id))?;
            let Some(invoice) = charge.invoice.clone() else {
                continue;
            };
            if refunds.iter().any(|refund| Some(refund.created_at) < until) {
                continue;
            }
            let invoice = tx.invoices_by_provider_ids("stripe", &[invoice])?.remove(0);
            let at = |micros: Option<i64>| Timestamp::from_micros(micros.unwrap()).unwrap();
            let paid = BillingPeriod::new(at(invoice.period_start), at(invoice.period_end));
            let net = Money::from_minor(charge.amount - charge.booked_vat, currency);
            let parts = schedule(net, paid.unwrap(), None, zone).unwrap();
            let later = parts.iter().filter(|(of, _)| *of > closed);
            left += later.map(|(_, part)| part.minor()).sum::<i64>();
        }
        Ok::<_, Failure>(left)
    };
    world.app.store.read(read).unwrap()
}

/// Deferred revenue stands where the schedules say, on the last day of the month.
#[track_caller]
pub fn assert_as_scheduled(world: &World, closed: Month) {
    let stands = stood_at(world, &closed.last_day().to_string(), DEFERRED);
    let currency = Currency::parse("SEK").unwrap();
    let left = Money::from_minor(-scheduled_after(world, closed), currency);
    assert_eq!(stands, left.to_decimal_string(), "after {closed}");
}

/// Subscribed at noon on 22 November: 204 of the 720 hours that were paid for are in November.
fn a_month_is_closed_and_states_what_it_came_to(world: &mut World) {
    world.subscribe();
    world.pass_days(10);
    world.deliver();
    assert_eq!(world.balance(DEFERRED), "-199.20");
    let statement = close(world, "2026-11");
    assert_eq!(world.balance(DEFERRED), "-142.76");
    assert_eq!(world.balance(INCOME), "-56.44");
    assert_eq!(
        world.balance("liabilities:vat"),
        "-49.80",
        "VAT is kept apart"
    );
    let of = &statement.of;
    assert_eq!((of.number, of.charges), (2, 1));
    let deferred = of.totals.iter().find(|total| total.account == DEFERRED);
    let deferred = deferred.unwrap();
    assert_eq!(deferred.opening.minor(), 0);
    assert_eq!(deferred.closing().unwrap().minor(), -14_276);
    let booked = "SELECT booked_on || ' ' || reference AS line FROM journals WHERE event = 'revenue_recognised'";
    assert_eq!(world.lines(booked), ["2026-11-30 2026-11"]);
    assert_eq!(close(world, "2026-11"), statement, "the same once more");
    world.check_books();
}

fn months_close_in_order_after_they_end_and_open_again_in_the_opposite_order(world: &mut World) {
    world.subscribe();
    world.pass_days(45);
    world.deliver();
    let refused = |text: &str| close_by(&world.app, month(text)).unwrap_err();
    assert!(matches!(refused("2027-01"), CloseError::NotEnded(_)));
    assert!(
        matches!(refused("2026-12"), CloseError::EarlierIsOpen { earlier, .. } if earlier == month("2026-11"))
    );
    let november = close(world, "2026-11");
    close(world, "2026-12");
    assert_eq!(close(world, "2026-11"), november, "it is printed again");
    assert!(matches!(refused("2026-10"), CloseError::ClosedAlong { .. }));
    let reopen = |text: &str, why: &str| {
        month_end::reopen(&world.app, month(text), why, "test").map(|event| event.locked_through)
    };
    assert!(matches!(
        reopen("2026-11", "late"),
        Err(ReopenError::LaterIsClosed { last, .. }) if last == month("2026-12")
    ));
    assert!(matches!(
        reopen("2027-01", "late"),
        Err(ReopenError::NotClosed(_))
    ));
    assert!(matches!(
        reopen("2026-12", " \t"),
        Err(ReopenError::NoReason)
    ));
    assert_eq!(
        reopen("2026-12", "late").unwrap().as_deref(),
        Some("2026-11-30")
    );
    assert!(matches!(
        reopen("2026-12", "late"),
        Err(ReopenError::NotClosed(_))
    ));
    assert_eq!(reopen("2026-11", "late").unwrap(), None);
    world.check_books();
}

fn what_comes_late_lands_in_the_next_open_month(world: &mut World) {
    world.subscribe();
    world.deliver();
    world.subscribe();
    world.pass_days(10);
    close(world, "2026-11");
    let of_november =
        "SELECT id AS line FROM journals WHERE booked_on < '2026-12-01' ORDER BY position";
    let before = world.lines(of_november);
    world.deliver();
    assert_eq!(world.lines(of_november), before);
    let late = "SELECT booked_on || ' ' || CAST(occurred_at / 1000000 AS text) AS line FROM journals \
                WHERE event = 'charge_succeeded' ORDER BY position DESC LIMIT 1";
    let happened = crate::world::at(crate::world::START).unix_seconds();
    assert_eq!(world.lines(late), [format!("2026-12-01 {happened}")]);
    world.pass_days(32);
    world.deliver();
    close(world, "2026-12");
    assert_as_scheduled(world, month("2026-12"));
    world.check_books();
}

fn the_database_refuses_a_journal_in_a_closed_month_and_months_out_of_order(world: &mut World) {
    world.subscribe();
    world.pass_days(10);
    world.deliver();
    close(world, "2026-11");
    let journal = |day: &str, event: &str| {
        let id = format!("avjrn_{}", "1".repeat(32));
        format!(
            "BEGIN; INSERT INTO postings VALUES ('{id}', 1, 'assets:suspense', 5, 'SEK'), ('{id}', 2, 'assets:suspense', -5, 'SEK'); \
             INSERT INTO journals (id, connection, event, reference, description, booked_on, occurred_at, recorded_at) \
             VALUES ('{id}', 'stripe', '{event}', '2026-11', 'd', '{day}', 1, 1); COMMIT"
        )
    };
    for (day, event) in [
        ("2026-11-30", "provider_fee"),
        ("2026-11-30", "revenue_recognised"),
        ("2026-02-03", "provider_fee"),
    ] {
        let error = world.execute(&journal(day, event)).unwrap_err();
        assert!(error.contains("this month is closed"), "{day}: {error}");
    }
    let event = |number: i64, month: &str, kind: &str, locked: &str, reason: &str| {
        format!(
            "INSERT INTO period_events VALUES ({number}, '{month}', '{kind}', {locked}, 0, {reason}, 'x', 1)"
        )
    };
    for wrong in [
        event(4, "2026-12", "closing", "'2026-12-31'", "NULL"),
        event(3, "2026-11", "closing", "'2026-11-30'", "NULL"),
        event(3, "2026-10", "closing", "'2026-10-31'", "NULL"),
        event(3, "2026-12", "closed", "'2026-12-31'", "NULL"),
        event(3, "2026-10", "reopened", "NULL", "'why'"),
        event(3, "2026-11", "reopened", "'2026-11-30'", "'why'"),
    ] {
        let error = world.execute(&wrong).unwrap_err();
        assert!(error.contains("months close in order"), "{wrong}: {error}");
    }
    world
        .execute(&journal("2026-12-01", "provider_fee"))
        .unwrap();
}

fn a_month_is_opened_with_a_reason_and_closed_again(world: &mut World) {
    world.subscribe();
    world.deliver();
    world.subscribe();
    world.pass_days(10);
    let first = close(world, "2026-11");
    month_end::reopen(
        &world.app,
        month("2026-11"),
        " a charge is missing ",
        "test",
    )
    .unwrap();
    world.deliver();
    let days = "SELECT DISTINCT booked_on AS line FROM journals ORDER BY line";
    assert_eq!(world.lines(days), ["2026-11-22", "2026-11-30"]);
    let second = close(world, "2026-11");
    assert_eq!((second.of.number, second.of.charges), (5, 1));
    assert_eq!(second.of.previous.to_string(), first.hash);
    assert_eq!(world.balance(INCOME), "-112.88");
    let why = "SELECT reason AS line FROM period_events WHERE reason IS NOT NULL";
    assert_eq!(world.lines(why), ["a charge is missing"]);
    world.check_books();
}

fn a_refund_after_a_month_end_takes_what_is_deferred_and_the_rest_from_income(world: &mut World) {
    let (_, subscription) = world.subscribe();
    world.pass_days(10);
    world.deliver();
    close(world, "2026-11");
    let charge = world.latest_charge(&subscription);
    for (given_back, deferred, refunds) in [("half", "-43.16", "0.00"), ("rest", "0.00", "56.44")] {
        world
            .provider()
            .dashboard_refund(&charge, Some(12_450))
            .unwrap();
        world.deliver();
        assert_eq!(world.balance(DEFERRED), deferred, "{given_back}");
        assert_eq!(world.balance("income:refunds"), refunds, "{given_back}");
    }
    assert_eq!(world.balance("liabilities:vat"), "0.00");
    world.check_books();
    world.pass_days(31);
    world.deliver();
    let december = close(world, "2026-12");
    assert_eq!(
        december.of.charges, 1,
        "only its renewal had something to earn"
    );
    world.check_ledger();
}

fn a_dispute_lost_after_a_month_end_is_a_loss_of_what_was_earned(world: &mut World) {
    let (_, subscription) = world.subscribe();
    world.pass_days(10);
    world.deliver();
    close(world, "2026-11");
    let charge = world.latest_charge(&subscription);
    let dispute = world.provider().open_dispute(&charge).unwrap();
    world.deliver();
    assert!(world.provider().lose_dispute(&dispute));
    world.deliver();
    assert_eq!(world.balance(DEFERRED), "0.00");
    assert_eq!(world.balance("expenses:dispute_losses"), "106.24");
    assert_eq!(world.balance(INCOME), "-56.44");
    world.check_books();
}

fn a_month_closed_long_after_a_refund_earned_what_it_earned(world: &mut World) {
    let (_, subscription) = world.subscribe();
    world.pass_days(13);
    let charge = world.latest_charge(&subscription);
    world.provider().dashboard_refund(&charge, None).unwrap();
    world.deliver();
    world.pass_days(1);
    close(world, "2026-11");
    assert_eq!(stood_at(world, "2026-11-30", DEFERRED), "-142.76");
    assert_eq!(stood_at(world, "2026-11-30", "income:refunds"), "0.00");
    assert_eq!(stood_at(world, "2026-12-04", DEFERRED), "-142.76");
    assert_eq!(stood_at(world, "2026-12-05", DEFERRED), "0.00");
    assert_eq!(world.balance("income:refunds"), "56.44");
    assert_eq!(world.balance(INCOME), "-56.44");
    world.check_books();
}

/// Monthly, weekly and yearly subscriptions, one of them refunded, over a year with both changes of the
/// clocks in it.
fn a_year_of_history_closes_twelve_months(world: &mut World) {
    world.subscribe();
    let (_, refunded) = world.subscribe();
    for (interval, amount_minor) in [(Interval::Year, 249_001), (Interval::Week, 4_999)] {
        let plan = Plan {
            interval,
            amount_minor,
            tax_minor: amount_minor / 5,
            ..monthly()
        };
        world.subscribe_to(&plan, PaymentBehavior::Succeeds);
    }
    world.pass_days(10);
    let mut closed = 0;
    let mut now = month("2026-11");
    while closed < 12 {
        if closed == 6 {
            let charge = world.latest_charge(&refunded);
            world.provider().dashboard_refund(&charge, None).unwrap();
        }
        world.deliver();
        close_by(&world.app, now).unwrap();
        assert_as_scheduled(world, now);
        closed += 1;
        now = now.next();
        world.pass_days(31);
    }
    world.deliver();
    world.check_books();
}

//! Months, their statements and what was recognised: written and read back through the store's own queries.

use crate::exports_books::{book, sale};
use crate::plain_rows::charge;
use crate::store_tables::{MAX, MIN, read, sorted, text, write};
use crate::world::World;
use avstem::store::rows::{Charge, ClosingStatement, ClosingTotal, PeriodEvent, RecognisedRevenue};

on_both_databases! {
    events_statements_and_totals_come_back,
    what_was_recognised_comes_back_and_is_summed,
    charges_to_earn_are_read_in_pages,
}

fn event(number: i64, kind: &str) -> PeriodEvent {
    PeriodEvent {
        number,
        month: "2026-10".to_owned(),
        kind: kind.to_owned(),
        locked_through: Some("2026-10-31".to_owned()),
        position: MAX,
        reason: None,
        done_by: text(),
        done_at: MIN,
    }
}

fn events_statements_and_totals_come_back(world: &mut World) {
    assert_eq!(read(world, |tx| Ok(tx.last_period_event()?)), None);
    let reopened = PeriodEvent {
        locked_through: None,
        reason: Some(text()),
        ..event(3, "reopened")
    };
    let events = [event(1, "closing"), event(2, "closed"), reopened];
    for row in &events {
        write(world, |tx| Ok(tx.add_period_event(row)?));
        let last = read(world, |tx| Ok(tx.last_period_event()?));
        assert_eq!(last.as_ref(), Some(row));
    }
    assert_eq!(read(world, |tx| Ok(tx.period_events()?)), events);

    let statement = |number, key: Option<&str>| ClosingStatement {
        number,
        month: text(),
        time_zone: text(),
        closed_at: MIN,
        journals: MAX,
        postings: MAX,
        charges: MAX,
        chain_count: MAX,
        chain_head: "a".repeat(64),
        previous: "b".repeat(64),
        key: key.map(str::to_owned),
        hash: "c".repeat(64),
        signature: key.map(|_| "d".repeat(64)),
    };
    let total = |currency: &str, opening| ClosingTotal {
        number: 2,
        currency: currency.to_owned(),
        account: text(),
        opening,
        debits: MAX,
        credits: 0,
    };
    let signed = statement(2, Some("key"));
    let bare = statement(3, None);
    let totals = [total("EUR", MIN), total("SEK", MAX)];
    write(world, |tx| Ok(tx.add_closing_statement(&signed, &totals)?));
    write(world, |tx| Ok(tx.add_closing_statement(&bare, &[])?));
    assert_eq!(read(world, |tx| Ok(tx.closing_totals(2)?)), totals);
    assert_eq!(read(world, |tx| Ok(tx.closing_totals(3)?)), []);
    let found = read(world, |tx| Ok(tx.closing_statement(2)?));
    assert_eq!(found.as_ref(), Some(&signed));
    assert_eq!(
        read(world, |tx| Ok(tx.closing_statements()?)),
        [signed, bare]
    );
}

fn what_was_recognised_comes_back_and_is_summed(world: &mut World) {
    let charges = [charge("1"), charge("2")];
    write(world, |tx| Ok(tx.save_charges(&charges)?));
    book(&world.app, &sale(1, "2026-10-01"));
    book(&world.app, &sale(2, "2026-10-02"));
    let journals = world.lines("SELECT id AS line FROM journals ORDER BY position");
    write(world, |tx| Ok(tx.add_period_event(&event(1, "closing"))?));
    let part = |charge: &str, journal: &str, amount| RecognisedRevenue {
        charge_id: charge.to_owned(),
        number: 1,
        month: text(),
        amount,
        journal_id: journal.to_owned(),
    };
    let rows = [part("1", &journals[0], MAX - 7), part("2", &journals[0], 7)];
    write(world, |tx| Ok(tx.add_recognised_revenue(&rows)?));
    let ids = ["1", "2"].map(str::to_owned);
    let found = read(world, |tx| Ok(tx.recognised_of_charges(&ids)?));
    assert_eq!(sorted(found, |row| &row.charge_id), rows);
    let sum = |journal: &str| read(world, |tx| Ok(tx.recognised_in_journal(journal)?));
    assert_eq!((sum(&journals[0]), sum(&journals[1])), (MAX, 0));
    let count = |number| read(world, |tx| Ok(tx.charges_recognised(number)?));
    assert_eq!((count(1), count(2)), (2, 0));
}

fn charges_to_earn_are_read_in_pages(world: &mut World) {
    let with = |id: &str, unearned, earned_through: Option<&str>| Charge {
        unearned,
        earned_through: earned_through.map(str::to_owned),
        ..charge(id)
    };
    let charges = [
        with("1", true, None),
        with("2", false, None),
        with("3", true, Some("2026-09")),
        with("4", true, Some("2026-10")),
        with("5", false, Some("2026-08")),
    ];
    write(world, |tx| Ok(tx.save_charges(&charges)?));
    let ids = |rows: Vec<Charge>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    let to_earn = |after: &str, limit| {
        ids(read(world, |tx| {
            Ok(tx.charges_to_earn("2026-10", after, limit)?)
        }))
    };
    assert_eq!(to_earn("", 9), ["1", "3"]);
    assert_eq!(to_earn("", 1), ["1"]);
    assert_eq!(to_earn("1", 9), ["3"]);
    let earned = ids(read(world, |tx| Ok(tx.charges_earned_after("3", 9)?)));
    assert_eq!(earned, ["4", "5"]);
    assert_eq!(
        read(world, |tx| Ok(tx.first_day_booked_after("2026-10-31")?)),
        None
    );
    let plan = world.plan(
        "SELECT id FROM charges WHERE unearned AND id > 'x' \
         AND (earned_through IS NULL OR earned_through < '2026-10') ORDER BY id LIMIT 9",
    );
    let indexed = plan.iter().any(|step| step.contains("charges_unearned"));
    assert!(indexed, "{plan:?}");
}

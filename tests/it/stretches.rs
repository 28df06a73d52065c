//! Lists that are narrowed by what no index has: each page looks at a bounded number of rows, and says where
//! the next one goes on.

use crate::store_tables::read;
use crate::world::World;
use avstem::app::events::{self, Filter};
use avstem::app::ledger_views;
use avstem::app::refunds;
use avstem_domain::time::Timestamp;

/// More than one page looks at.
const ROWS: usize = 20_500;

/// So many rows of a table, numbered, with these columns and values.
fn many(world: &World, table: &str, columns: &str, values: &str) {
    let from = if world.is_postgres() {
        format!("SELECT {values} FROM generate_series(1, {ROWS}) AS numbers (n)")
    } else {
        format!(
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS}) \
             SELECT {values} FROM numbers"
        )
    };
    // Those of deliveries refuse nothing: they say what waits.
    if table != "events" {
        world.switch_triggers_off(&[table]);
    }
    let off = if world.is_postgres() {
        ""
    } else {
        "PRAGMA foreign_keys = OFF; "
    };
    world
        .execute(&format!("{off}INSERT INTO {table} ({columns}) {from}"))
        .unwrap();
}

/// An id in the order of the numbers.
const ID: &str = "'avid_' || (1000000 + n)";

fn a_rare_type_of_event_is_found_a_stretch_at_a_time(world: &mut World) {
    many(
        world,
        "events",
        "id, connection, dedupe_key, kind, state, attempts, received_at, due_at, bundle, bytes_at, headers_bytes, body_bytes",
        &format!(
            "{ID}, 'stripe', 'evt_' || n, CASE WHEN n = 7 THEN 'rare' ELSE 'frequent' END, \
             CASE WHEN n = 9 THEN 'failed' ELSE 'processed' END, 1, n, n, '', 0, 0, 0"
        ),
    );
    let list = |state: Option<&str>, kind: &str, before: Option<String>| {
        let filter = Filter {
            state: state.map(str::to_owned),
            kind: Some(kind.to_owned()),
            before,
            ..Filter::default()
        };
        let page = events::list(&world.app, &filter, 9).unwrap();
        let ids: Vec<String> = page.rows.into_iter().map(|row| row.id).collect();
        (ids, page.looked_to)
    };
    let (found, looked_to) = list(None, "rare", None);
    assert_eq!(found, [""; 0]);
    // That many and one more were looked at: it is the last of them, and it is not looked at again.
    assert_eq!(looked_to.as_deref(), Some("avid_1000500"));
    let (found, end) = list(None, "rare", looked_to);
    assert_eq!(
        (found.as_slice(), end),
        (["avid_1000007".to_owned()].as_slice(), None)
    );
    // A full page and nothing passed by: the last row says where to go on.
    assert_eq!(list(None, "frequent", None).0.len(), 9);
    // What is set aside has an index, however old it is.
    let (found, end) = list(Some("failed"), "frequent", None);
    assert_eq!(
        (found.as_slice(), end),
        (["avid_1000009".to_owned()].as_slice(), None)
    );
}

fn refunds_and_journals_of_old_days_are_found_a_stretch_at_a_time(world: &mut World) {
    many(
        world,
        "refunds",
        "id, connection, charge_id, amount, currency, state, origin, attempts, lease_until, fence, created_at, version",
        &format!("{ID}, 'stripe', 'avch_1', 1, 'SEK', 'succeeded', 'avstem', 1, 0, 0, n, ''"),
    );
    let made_by_then = refunds::Filter {
        to: Some(Timestamp::from_micros(4).unwrap()),
        ..refunds::Filter::default()
    };
    let page = refunds::list(&world.app, &made_by_then, 9).unwrap();
    assert_eq!(
        (page.rows.len(), page.looked_to.as_deref()),
        (0, Some("avid_1000500"))
    );
    let next = refunds::Filter {
        before: page.looked_to,
        ..made_by_then
    };
    let page = refunds::list(&world.app, &next, 9).unwrap();
    assert_eq!((page.rows.len(), page.looked_to), (3, None));

    many(
        world,
        "journals",
        "id, connection, event, reference, description, booked_on, occurred_at, recorded_at",
        &format!(
            "{ID}, 'stripe', 'x', 'r', '', CASE WHEN n < 3 THEN '2026-01-01' ELSE '2026-11-22' END, n, n"
        ),
    );
    let positions = read(world, |tx| {
        Ok(tx.positions_between(Some("2026-01-01"), Some("2026-01-31"))?)
    });
    assert_eq!(positions, Some((1, 2)));
    let january = |before| ledger_views::Filter {
        to: chrono::NaiveDate::from_ymd_opt(2026, 1, 31),
        before,
        ..ledger_views::Filter::default()
    };
    let page = ledger_views::journals(&world.app, &january(None), 9).unwrap();
    assert_eq!(
        (page.rows.len(), page.looked_to.as_deref()),
        (0, Some("avid_1000500"))
    );
    let page = ledger_views::journals(&world.app, &january(page.looked_to), 9).unwrap();
    assert_eq!((page.rows.len(), page.looked_to), (2, None));
}

on_both_databases! {
    a_rare_type_of_event_is_found_a_stretch_at_a_time,
    refunds_and_journals_of_old_days_are_found_a_stretch_at_a_time,
}

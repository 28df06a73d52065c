//! Each column of each table, changed: what is compared is found, and what is left out is not.

use super::eventful::eventful;
use super::unprotected::Unprotected;
use super::{assert_rebuilt, check};
use crate::store_schema::existing;
use crate::world::World;
use avstem::app::rebuild::finding::Finding;
use avstem::app::rebuild::tables::{Column, TABLES, Table};

/// An expression of the column's type that is not its value.
fn another(column: &str) -> (String, String) {
    let mut words = column.split(' ');
    let (name, kind) = (words.next().unwrap(), words.next().unwrap());
    let value = match kind {
        "Text" => format!("coalesce({name}, '') || 'x'"),
        "BigInt" => format!("coalesce({name}, 0) + 1"),
        "Bool" => format!("CASE WHEN {name} THEN false ELSE true END"),
        other => panic!("{name} is {other}"),
    };
    (name.to_owned(), value)
}

/// The columns of the table that differ, and nothing else does.
fn differing_columns<'f>(findings: &'f [Finding], table: &str) -> Vec<&'f str> {
    let mut found: Vec<&str> = Vec::new();
    for finding in findings {
        match finding {
            Finding::Differs {
                table: of, column, ..
            } if *of == table => found.push(column),
            // A refund or a dispute of another charge counts there.
            Finding::Differs { table: of, .. }
            | Finding::OnlyLive { table: of, .. }
            | Finding::OnlyRebuilt { table: of, .. }
                if *of == "postings" && matches!(table, "refunds" | "disputes") => {}
            Finding::Differs { .. }
            | Finding::OnlyLive { .. }
            | Finding::OnlyRebuilt { .. }
            | Finding::NotApplied { .. } => panic!("{table}: {finding}"),
        }
    }
    found
}

/// Everything of one row of each table is changed at once: every column that is compared is found, each
/// once, and none that is left out.
fn what_is_compared_is_found_and_what_is_left_out_is_not(world: &mut World) {
    eventful(world);
    assert_rebuilt(world);
    let existing = existing(world);
    let database = Unprotected::of(world);
    for (table, role) in TABLES {
        let Table::Rebuilt(columns) = role else {
            continue;
        };
        let is_key = |name: &str| columns.contains(&(name, Column::Key));
        let rows = match (*table, is_key("stop_asked_at"), is_key("provider_id")) {
            ("cancellations", _, _) => "WHERE origin = 'provider'",
            ("refunds", _, false) => "WHERE origin = 'avstem'",
            ("refunds", _, true) => "WHERE origin = 'provider'",
            (_, _, _) => "",
        };
        // What a row is found by, our ids, and bytes; what keeps a state from being compared; and what we
        // decided, for a refund of something else is another refund.
        let stays = |name: &str| {
            let decided = matches!(name, "charge_id" | "amount" | "currency");
            is_key(name)
                || matches!(
                    name,
                    "id" | "origin" | "request_body" | "undo_requested_at" | "judged_by"
                )
                || rows.contains("avstem") && decided
        };
        let keys: Vec<&str> = columns
            .iter()
            .filter(|(_, column)| *column == Column::Key)
            .map(|(name, _)| *name)
            .collect();
        let key = keys.join(" || ' ' || ");
        let one = database.line(&format!(
            "SELECT {key} AS line FROM {table} {rows} ORDER BY 1 LIMIT 1"
        ));
        let changes: Vec<String> = existing[*table]
            .iter()
            .filter(|column| !stays(column.split(' ').next().unwrap()))
            .map(|column| another(column))
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        if changes.is_empty() {
            continue;
        }
        database.execute(&format!(
            "UPDATE {table} SET {} WHERE {key} = '{one}'",
            changes.join(", ")
        ));
        let (_, told) = check(world);
        let found = differing_columns(&told.findings, table);
        let compared = columns
            .iter()
            .filter(|(name, column)| *column == Column::Compared && !stays(name))
            .map(|(name, _)| *name);
        assert_eq!(sorted(found), sorted(compared.collect()), "{table} {one}");
        database.put_back();
    }
    assert_rebuilt(world);
}

fn sorted(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names
}

on_both_databases! {
    what_is_compared_is_found_and_what_is_left_out_is_not,
}

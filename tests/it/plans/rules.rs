//! What is wrong with a plan.

use super::explain::{Access, Plan};
use crate::store_schema::existing;
use crate::world::World;
use std::collections::BTreeMap;

/// What is wrong with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Goes over rows that an earlier page has shown.
    CountsOff,
    /// All of a table that grows, or all that share a connection, a state, a day.
    ReadsAll,
    /// In pages, but past rows that nobody asked for.
    ReadsPast,
    Sorts,
}

/// Tables that stay small: a row for each key, month, file, run or setting, each payout that came to the bank, and
/// each difference that a person looks at, one in a thousand charges, with the run of lines between two of them.
const SMALL: [&str; 20] = [
    "api_keys",
    "bank_lines",
    "break_events",
    "breaks",
    "chain_head",
    "closing_statements",
    "closing_totals",
    "daily_balances",
    "exported_vouchers",
    "file_problems",
    "leases",
    "match_runs",
    "payout_positions",
    "period_events",
    "reconciliations",
    "statement_files",
    "statement_holders",
    "sync_cursors",
    "syncs",
    "translated_balances",
];

/// Indexes that hold only what somebody has yet to do something about.
const OPEN: [&str; 10] = [
    "bank_lines_to_judge",
    "cancellations_due",
    "charges_to_link",
    "events_open",
    "events_set_aside",
    "mails_due",
    "payouts_to_itemise",
    "provider_lines_in_suspense",
    "provider_lines_to_post",
    "refunds_due",
];

/// Columns of which many rows share a value. Any other that is equal to something leaves few rows.
pub const BROAD: [&str; 17] = [
    "account",
    "booked_as",
    "booked_on",
    "connection",
    "currency",
    "day",
    "kind",
    "month",
    "number",
    "origin",
    "owner",
    "policy_conform",
    "role",
    "side",
    "standing",
    "state",
    "status",
];

pub struct Database {
    /// Of each table its columns.
    tables: BTreeMap<String, Vec<String>>,
    /// Whether its plans say what rows are asked once they are read.
    tells_filters: bool,
}

impl Database {
    pub fn of(world: &World) -> Self {
        let name = |column: &String| column.split(' ').next().unwrap_or(column).to_owned();
        let tables = existing(world)
            .into_iter()
            .map(|(table, columns)| (table, columns.iter().map(name).collect()));
        Self {
            tables: tables.collect(),
            tells_filters: world.is_postgres(),
        }
    }

    /// What all of a statement's plans do wrong, by the first of them.
    pub fn faults(&self, sql: &str, plans: &[Plan]) -> Vec<(Fault, String)> {
        let counts_off = sql
            .replace(" OFFSET 0)", ")") // how PostgreSQL is told to plan what is inside by itself
            .contains(" OFFSET ")
            .then(|| (Fault::CountsOff, String::new()));
        let faults: Option<Vec<_>> = plans.iter().map(|plan| self.of_plan(sql, plan)).collect();
        let first = faults.and_then(|faults| faults.into_iter().next());
        counts_off.into_iter().chain(first).collect()
    }

    fn of_plan(&self, sql: &str, plan: &Plan) -> Option<(Fault, String)> {
        let aliases = self.aliases(sql);
        let wide = plan.accesses.iter().filter_map(|access| {
            let name = aliases
                .get(access.table.as_str())
                .copied()
                .unwrap_or(&access.table);
            let columns = self.tables.get(name)?;
            let grows = !SMALL.contains(&name);
            (grows && !is_narrow(access, columns)).then_some((access, columns))
        });
        let wide: Vec<_> = wide.collect();
        let of_access = |(access, columns): &(&Access, &Vec<String>)| {
            if access
                .index
                .as_deref()
                .is_some_and(|index| OPEN.contains(&index))
                || is_stretch(sql, access)
            {
                return None;
            }
            let passes_by = if self.tells_filters {
                access.filter.is_some()
            } else {
                passes_by(sql, access, columns)
            };
            match (is_bounded(sql), passes_by) {
                (false, _) => Some(Fault::ReadsAll),
                (true, true) => Some(Fault::ReadsPast),
                (true, false) => None,
            }
        };
        let found = wide.iter().find_map(of_access);
        let sorts = plan.sorts && !wide.is_empty();
        let fault = found.or(sorts.then_some(Fault::Sorts))?;
        Some((fault, plan.steps.join("\n    ")))
    }

    /// What a statement calls its tables: `FROM events AS e`, `JOIN charges c`.
    fn aliases<'a>(&'a self, sql: &'a str) -> BTreeMap<&'a str, &'a str> {
        let words: Vec<&str> = sql
            .split([' ', '`', '"', '(', ')', ','])
            .filter(|word| !word.is_empty())
            .collect();
        let mut aliases = BTreeMap::new();
        for (place, word) in words.iter().enumerate() {
            let Some((table, _)) = self.tables.get_key_value(*word) else {
                continue;
            };
            let before = place.checked_sub(1).and_then(|place| words.get(place));
            if !before.is_some_and(|before| ["FROM", "JOIN"].contains(before)) {
                continue;
            }
            let mut after = words[place + 1..].iter().filter(|word| **word != "AS");
            if let Some(alias) = after.next() {
                aliases.insert(*alias, table.as_str());
            }
        }
        aliases
    }
}

/// Whether no more rows are read than are asked for, if each is. What adds up rows has one result and reads all of
/// them, unless they were bounded before.
fn is_bounded(sql: &str) -> bool {
    let adds_up = ["COUNT(", "SUM("].iter().any(|sum| sql.contains(sum))
        || sql.contains("min(") && sql.contains("max(");
    sql.contains(" LIMIT ") && !adds_up
}

/// Whether a list, which is newest first, stops at a key.
fn is_stretch(sql: &str, access: &Access) -> bool {
    let stops = ["id>?", "rowid>?", "id >= ", "\"position\" >= "];
    sql.contains(" DESC") && stops.iter().any(|stop| mentions(&access.condition, stop))
}

/// Whether the index is asked for something that few rows have.
fn is_narrow(access: &Access, columns: &[String]) -> bool {
    let is_equal = |column: &&String| {
        let condition = &access.condition;
        [" = ", "=?"]
            .iter()
            .any(|equal| mentions(condition, &format!("{column}{equal}")))
            || mentions(condition, &format!("{column} = ANY"))
    };
    let narrow = |column: &&String| !BROAD.contains(&column.as_str());
    access.condition == "one"
        || access.condition.contains("rowid=?")
        || columns
            .iter()
            .filter(narrow)
            .any(|column| is_equal(&column))
}

/// Whether a statement asks rows for more than the index was asked for.
fn passes_by(sql: &str, access: &Access, columns: &[String]) -> bool {
    let Some((_, rest)) = sql.split_once(" WHERE ") else {
        return false;
    };
    let end = [" ORDER BY ", " GROUP BY ", " LIMIT "];
    let condition = end
        .iter()
        .fold(rest, |rest, end| rest.split(end).next().unwrap_or(rest));
    let asked = |column: &&String| mentions(condition, column);
    // What SQLite calls so in plans is the column that numbers the rows.
    let is_number = |column: &String| ["position", "seq"].contains(&column.as_str());
    let by_index = |column: &String| {
        let by_number = access.condition.contains("rowid") && is_number(column);
        by_number || mentions(&access.condition, column)
    };
    columns.iter().filter(asked).any(|column| !by_index(column))
}

/// Whether the text has the name, and not as part of a longer one.
fn mentions(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !(before.is_some_and(is_part) || name.ends_with(is_part) && after.is_some_and(is_part))
    })
}

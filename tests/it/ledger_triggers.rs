//! What the database itself refuses, tried with every form of statement that could change a row. Each
//! must be refused for the right reason, and leave every protected row as it was.

mod protected;

use crate::merchant::{ADYEN_41, ADYEN_42, MT940, company, hand_in_all, reconciled};
use crate::plain_rows::{translated_balance, voucher_batch};
use crate::world::World;
use avstem::app::deliveries::{Completed, ReportDelivery, report};
use avstem::app::{Failure, month_end, seal_ledger};
use avstem::store::StoreError;
use avstem::store::rows::MatchRun;
use avstem_domain::revenue::Month;
use protected::PROTECTED;

/// A protected table: its columns, the keys that a replacing insert could hit, and a column with a
/// value that would be a change.
struct Protected {
    name: &'static str,
    columns: &'static str,
    keys: &'static [&'static str],
    column: &'static str,
    value: &'static str,
}

const HASH: &str = "'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'";

impl Protected {
    /// One row as it is, but for the changed column.
    fn changed_row(&self) -> String {
        self.changed_row_with(&[])
    }

    /// The same, with other values for some columns.
    fn changed_row_with(&self, others: &[(&str, &str)]) -> String {
        let value = |column: &str| {
            let other = others.iter().find(|(name, _)| *name == column);
            let changed = (column == self.column).then(|| self.value.to_owned());
            other
                .map(|(_, value)| (*value).to_owned())
                .or(changed)
                .unwrap_or_else(|| column.to_owned())
        };
        let values: Vec<String> = self
            .columns
            .split(',')
            .map(|column| value(column.trim()))
            .collect();
        format!(
            "SELECT {} FROM {} WHERE true ORDER BY 1 LIMIT 1",
            values.join(", "),
            self.name
        )
    }

    fn update(&self) -> String {
        format!("UPDATE {} SET {} = {}", self.name, self.column, self.value)
    }

    /// Statements that both databases know, each of which would change or remove a row.
    fn changes(&self) -> Vec<String> {
        let Self {
            name,
            columns,
            keys,
            column,
            value,
        } = self;
        let row = format!(
            "SELECT * FROM ({}) AS changed WHERE true",
            self.changed_row()
        );
        let mut statements = vec![
            self.update(),
            format!(
                "{} WHERE {column} IN (SELECT {column} FROM {name} LIMIT 1)",
                self.update()
            ),
            format!("UPDATE {name} SET {column} = other.v FROM (SELECT {value} AS v) AS other"),
            format!(
                "WITH other AS (SELECT {value} AS v) UPDATE {name} SET {column} = (SELECT v FROM other)"
            ),
            format!("{} RETURNING {column}", self.update()),
            // Even an update that leaves every value as it was.
            format!("UPDATE {name} SET {column} = {column}"),
            format!("DELETE FROM {name}"),
            format!("DELETE FROM {name} WHERE {column} IN (SELECT {column} FROM {name} LIMIT 1)"),
            format!("DELETE FROM {name} RETURNING {column}"),
            format!("BEGIN; {}; COMMIT", self.update()),
        ];
        for key in *keys {
            statements.push(format!(
                "INSERT INTO {name} ({columns}) {row} ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"
            ));
        }
        statements
    }

    fn sqlite_changes(&self) -> Vec<String> {
        let Self {
            name,
            columns,
            keys,
            column,
            value,
        } = self;
        let row = self.changed_row();
        let mut statements = vec![
            format!("INSERT OR REPLACE INTO {name} ({columns}) {row}"),
            format!("REPLACE INTO {name} ({columns}) {row}"),
            format!("REPLACE INTO {name} SELECT * FROM ({row})"),
            format!("PRAGMA recursive_triggers = ON; REPLACE INTO {name} ({columns}) {row}"),
            format!("PRAGMA foreign_keys = OFF; REPLACE INTO {name} ({columns}) {row}"),
            format!("PRAGMA defer_foreign_keys = ON; DELETE FROM {name}"),
            format!("INSERT OR ROLLBACK INTO {name} ({columns}) {row}"),
        ];
        for or in ["REPLACE", "IGNORE", "FAIL", "ABORT", "ROLLBACK"] {
            statements.push(format!("UPDATE OR {or} {name} SET {column} = {value}"));
        }
        // A row that takes the place of two: the key of one, and another unique value of the other.
        let last = |key: &str| format!("(SELECT {key} FROM {name} ORDER BY 1 DESC LIMIT 1)");
        for key in keys.iter().skip(1) {
            let row = self.changed_row_with(&[(key, &last(key))]);
            statements.push(format!("INSERT OR REPLACE INTO {name} ({columns}) {row}"));
        }
        statements
    }

    fn postgres_changes(&self, world: &World) -> Vec<String> {
        let Self {
            name,
            columns,
            column,
            value,
            ..
        } = self;
        let mut statements = vec![
            format!("TRUNCATE {name} CASCADE"),
            format!("TRUNCATE ONLY {name} RESTART IDENTITY CASCADE"),
            format!("DELETE FROM {name} USING (SELECT 1) AS other"),
            format!(
                "WITH gone AS (DELETE FROM {name} RETURNING *) INSERT INTO {name} SELECT * FROM gone"
            ),
            format!(
                "BEGIN; DECLARE rows CURSOR FOR SELECT * FROM {name} FOR UPDATE; FETCH rows; \
                 UPDATE {name} SET {column} = {value} WHERE CURRENT OF rows; COMMIT"
            ),
            format!(
                "CREATE TEMPORARY VIEW behind AS SELECT {columns} FROM {name}; UPDATE behind SET {column} = {value}"
            ),
            format!("DO $$ BEGIN EXECUTE 'DELETE FROM {name}'; END $$"),
            format!("PREPARE changing AS UPDATE {name} SET {column} = {value}; EXECUTE changing"),
        ];
        let version: u32 = world.lines("SHOW server_version_num")[0].parse().unwrap();
        if version >= 150_000 {
            let merge =
                format!("MERGE INTO {name} USING (SELECT 1) AS other ON true WHEN MATCHED THEN");
            statements.push(format!("{merge} UPDATE SET {column} = {value}"));
            statements.push(format!("{merge} DELETE"));
        }
        statements
    }

    /// Statements that may be refused, or do nothing, but never change a row.
    fn without_effect(&self, world: &World) -> Vec<String> {
        let Self { name, columns, .. } = self;
        let row = format!(
            "SELECT * FROM ({}) AS changed WHERE true",
            self.changed_row()
        );
        let mut statements = vec![
            format!("INSERT INTO {name} ({columns}) {row} ON CONFLICT DO NOTHING"),
            format!("INSERT INTO {name} ({columns}) {row}"),
        ];
        if world.is_postgres() {
            let swallow = "EXCEPTION WHEN OTHERS THEN NULL; END $$";
            statements.push(format!("TRUNCATE {name}"));
            statements.push(format!("DO $$ BEGIN {}; {swallow}", self.update()));
            statements.push(format!("DO $$ BEGIN TRUNCATE {name} CASCADE; {swallow}"));
            let file = "${TMPDIR:-/tmp}/$PPID.rows";
            statements.push(format!("COPY {name} TO PROGRAM 'cat > {file}'; COPY {name} FROM PROGRAM 'cat {file}; rm {file}'"));
        } else {
            statements.push(format!("INSERT OR IGNORE INTO {name} ({columns}) {row}"));
            statements.push(format!("INSERT OR FAIL INTO {name} ({columns}) {row}"));
        }
        statements
    }
}

/// Books with everything that is protected in them: a delivery report, two sealed months, a
/// cancellation with verdicts and receipts, vouchers that have left.
pub fn with_history(world: &World) {
    let (_, subscription) = world.subscribe();
    world.pass_days(65);
    world.deliver();
    for (delivered, completed) in [(1, Completed::No), (3, Completed::Yes)] {
        let charge = world.latest_charge(&subscription);
        let subscription = subscription.clone();
        let reported_by = "a key".to_owned();
        report(
            &world.app,
            &ReportDelivery {
                subscription,
                charge,
                ordered: 4,
                delivered,
                completed,
                reported_by,
            },
        )
        .unwrap();
    }
    world.cancel(&subscription);
    world.work(2).unwrap();
    world.deliver();
    seal_ledger::seal(&world.app, "test").unwrap();
    for batch in 1..=2 {
        let vouchers = voucher_batch(batch);
        let balance = translated_balance(batch);
        world
            .app
            .store
            .write::<_, StoreError>(|tx| {
                tx.add_voucher_batch(&vouchers, std::slice::from_ref(&balance))
            })
            .unwrap();
    }
}

fn close_a_month(world: &World) {
    month_end::close(
        &world.app,
        Month::parse("2026-11").unwrap(),
        "test",
        &mut |_| {},
    )
    .unwrap();
}

fn no_statement_changes_a_row_of_an_append_only_table(world: &mut World) {
    with_history(world);
    close_a_month(world);
    let app = company(world);
    hand_in_all(
        &app,
        &[("adyen", ADYEN_41), ("adyen", ADYEN_42), ("", MT940)],
    );
    reconciled(&app, None);
    let run = MatchRun {
        connection: "adyen".to_owned(),
        last_seq: 9,
        first_seq: 1,
        pass: "provider_object".to_owned(),
        reconciliation_id: "1".to_owned(),
    };
    app.store
        .write::<_, Failure>(|tx| Ok(tx.add_match_runs(std::slice::from_ref(&run))?))
        .unwrap();
    let tables: Vec<&str> = PROTECTED.iter().map(|table| table.name).collect();
    let before = world.contents(&tables);
    for table in &tables {
        assert!(
            before.iter().any(|line| line.starts_with(table)),
            "{table} has rows"
        );
    }
    for table in PROTECTED {
        let mut statements = table.changes();
        statements.extend(if world.is_postgres() {
            table.postgres_changes(world)
        } else {
            table.sqlite_changes()
        });
        for statement in statements {
            let error = world.execute(&statement).expect_err(&statement);
            let words = [
                "append-only",
                "the chain only grows",
                "the chain has one head",
            ];
            assert!(
                words.iter().any(|word| error.contains(word)),
                "{statement}\nfailed for another reason: {error}"
            );
            assert_eq!(
                world.contents(&[table.name]),
                only(&before, table.name),
                "{statement}"
            );
        }
        for statement in table.without_effect(world) {
            if let Err(error) = world.execute(&statement) {
                assert!(
                    !error.to_lowercase().contains("syntax error"),
                    "{statement}\nis no statement: {error}"
                );
            }
            assert_eq!(
                world.contents(&[table.name]),
                only(&before, table.name),
                "{statement}"
            );
        }
    }
    assert_eq!(world.contents(&tables), before);
}

fn only(lines: &[String], table: &str) -> Vec<String> {
    lines
        .iter()
        .filter(|line| line.split(' ').next() == Some(table))
        .cloned()
        .collect()
}

/// Truncating what refers to nothing else, or everything at once, is no way around either.
fn no_truncation_reaches_an_append_only_table(world: &mut World) {
    with_history(world);
    close_a_month(world);
    let tables: Vec<&str> = PROTECTED.iter().map(|table| table.name).collect();
    let before = world.contents(&tables);
    let statements = if world.is_postgres() {
        [
            "TRUNCATE customers CASCADE".to_owned(),
            "TRUNCATE subscriptions, charges, cancellations CASCADE".to_owned(),
            format!("TRUNCATE {}", tables.join(", ")),
        ]
    } else {
        // SQLite truncates when a DELETE has no condition and the table no trigger.
        [
            "DELETE FROM deliveries".to_owned(),
            "PRAGMA foreign_keys = OFF; DELETE FROM verdicts".to_owned(),
            "PRAGMA foreign_keys = OFF; BEGIN; DELETE FROM journals; DELETE FROM postings; COMMIT"
                .to_owned(),
        ]
    };
    for statement in statements {
        let error = world.execute(&statement).expect_err(&statement);
        assert!(
            error.contains("append-only"),
            "{statement}\nfailed for another reason: {error}"
        );
        assert_eq!(world.contents(&tables), before, "{statement}");
    }
}

on_both_databases! {
    no_statement_changes_a_row_of_an_append_only_table,
    no_truncation_reaches_an_append_only_table,
}

//! What may not be written into the ledger, tried with plain inserts; and what may.

use crate::database::LEDGER;
use crate::ledger_triggers::with_history;
use crate::world::World;
use std::thread;
use std::time::Duration;

/// What an insert must not do, and a word of the refusal on either database.
const REFUSED_INSERTS: &[(&str, &str, &[&str])] = &[
    (
        "a posting for a complete journal",
        "INSERT INTO postings SELECT id, 9, 'assets:suspense', 1, 'SEK' FROM journals",
        COMPLETE,
    ),
    (
        "balanced postings for a complete journal",
        "INSERT INTO postings SELECT id, 8, 'assets:suspense', 1, 'SEK' FROM journals UNION ALL \
         SELECT id, 9, 'assets:suspense', -1, 'SEK' FROM journals",
        COMPLETE,
    ),
    (
        "a journal without postings",
        "{journal}",
        &["at least two postings"],
    ),
    (
        "a journal with one posting",
        "{posting}(1, 5, 'SEK'); {journal}",
        &["at least two postings"],
    ),
    (
        "a journal that does not balance",
        "{posting}(1, 5, 'SEK'); {posting}(2, -4, 'SEK'); {journal}",
        BALANCE,
    ),
    (
        "a journal that balances in one of two currencies",
        "{posting}(1, 5, 'SEK'); {posting}(2, -5, 'SEK'); {posting}(3, 7, 'EUR'); {posting}(4, -6, 'EUR'); {journal}",
        BALANCE,
    ),
    (
        "a journal that balances only over all currencies",
        "{posting}(1, 5, 'SEK'); {posting}(2, -5, 'EUR'); {journal}",
        BALANCE,
    ),
    (
        "a journal that balances only when its sum wraps",
        "{posting}(1, 9223372036854775807, 'SEK'); {posting}(2, 9223372036854775807, 'SEK'); {posting}(3, 2, 'SEK'); {journal}",
        &["must balance", "integer overflow"],
    ),
    (
        "a posting that comes after its journal",
        "{posting}(1, 5, 'SEK'); {journal}; {posting}(2, -5, 'SEK')",
        &["at least two"],
    ),
    (
        "postings that never get their journal",
        "{posting}(1, 5, 'SEK'); {posting}(2, -5, 'SEK')",
        FOREIGN,
    ),
    ("a posting of nothing", "{posting}(1, 0, 'SEK')", CHECK),
    ("a posting before line 1", "{posting}(0, 5, 'SEK')", CHECK),
    ("a posting in no currency", "{posting}(1, 5, 'KR')", CHECK),
    (
        "one line twice",
        "{posting}(1, 5, 'SEK'); {posting}(1, -5, 'SEK')",
        &["append-only", "duplicate key"],
    ),
    (
        "a journal of no day",
        "{posting}(1, 5, 'SEK'); {posting}(2, -5, 'SEK'); INSERT INTO journals \
         (id, connection, event, reference, description, booked_on, occurred_at, recorded_at) \
         VALUES ('avjrn_new', 'stripe', 'e', 'r', 'd', '22/11/2026', 1, 1)",
        CHECK,
    ),
    (
        "a journal behind the sealed ones",
        "{posting}(1, 5, 'SEK'); {posting}(2, -5, 'SEK'); INSERT INTO journals \
         (position, id, connection, event, reference, description, booked_on, occurred_at, recorded_at) \
         VALUES (-1, 'avjrn_new', 'stripe', 'e', 'r', 'd', '2026-11-22', 1, 1)",
        &["after those that are sealed"],
    ),
    (
        "an effect twice",
        "{whole}; INSERT INTO effects SELECT connection, object, effect, 'avjrn_new', 1 FROM effects LIMIT 1",
        &["booked already", "duplicate key"],
    ),
    (
        "two effects of one journal",
        "INSERT INTO effects SELECT connection, object, 'another', journal_id, 1 FROM effects LIMIT 1",
        &["booked already", "duplicate key"],
    ),
    (
        "an effect without its journal",
        "INSERT INTO effects VALUES ('stripe', 'ch_1', 'e', 'avjrn_new', 1)",
        FOREIGN,
    ),
    (
        "a second head",
        "INSERT INTO chain_head SELECT 2, 99, 99, hash, 1 FROM chain_head",
        &["one head", "check constraint"],
    ),
    (
        "a head that shrinks",
        "UPDATE chain_head SET count = count - 1, position = position + 1",
        &["only grows"],
    ),
    (
        "a head that goes back",
        "UPDATE chain_head SET count = count + 1, position = position - 1",
        &["only grows"],
    ),
    (
        "a seal of a sealed journal",
        "INSERT INTO seals SELECT 999, 999, journal_id, hash FROM seals LIMIT 1",
        SEALED,
    ),
    (
        "a seal at a sealed position",
        "INSERT INTO seals SELECT 999, position, 'other', hash FROM seals LIMIT 1",
        SEALED,
    ),
    (
        "a seal without a hash",
        "INSERT INTO seals VALUES (999, 999, 'other', 'short')",
        CHECK,
    ),
];

const COMPLETE: &[&str] = &["this journal is complete"];
const BALANCE: &[&str] = &["must balance in every currency"];
const FOREIGN: &[&str] = &["FOREIGN KEY constraint", "foreign key constraint"];
const CHECK: &[&str] = &["CHECK constraint", "check constraint"];
const SEALED: &[&str] = &["append-only", "duplicate key"];

/// Writes out the abbreviations of [`REFUSED_INSERTS`], as one transaction.
fn transaction(short: &str) -> String {
    let sql = short
        .replace("{whole}", "{posting}(1, 5, 'SEK'); {posting}(2, -5, 'SEK'); {journal}")
        .replace(
            "{journal}",
            "INSERT INTO journals (id, connection, event, reference, description, booked_on, occurred_at, recorded_at) \
             VALUES ('avjrn_new', 'stripe', 'e', 'r', 'd', '2026-11-22', 1, 1)",
        )
        .replace(
            "{posting}(",
            "INSERT INTO postings (journal_id, account, line, amount, currency) VALUES ('avjrn_new', 'assets:suspense', ",
        );
    format!("BEGIN; {sql}; COMMIT")
}

fn the_database_refuses_what_must_not_be_in_the_ledger(world: &mut World) {
    with_history(world);
    let before = world.contents(&LEDGER);
    for (what, short, words) in REFUSED_INSERTS {
        let error = world.execute(&transaction(short)).expect_err(what);
        assert!(
            words.iter().any(|word| error.contains(word)),
            "{what}\nfailed for another reason: {error}"
        );
        assert_eq!(world.contents(&LEDGER), before, "{what}");
    }
}

fn the_database_takes_whole_journals_and_a_growing_chain(world: &mut World) {
    with_history(world);
    let before = world.contents(&LEDGER).len();
    let two_currencies = "{posting}(3, 7, 'EUR'); {posting}(4, -7, 'EUR'); {whole}; \
                          INSERT INTO effects VALUES ('stripe', 'r', 'e', 'avjrn_new', 1)";
    world.execute(&transaction(two_currencies)).unwrap();
    assert_eq!(world.contents(&LEDGER).len(), before + 4 + 1 + 1);
    world
        .execute("UPDATE chain_head SET count = count + 1, position = position + 1")
        .unwrap();
}

fn copied_rows_are_refused_as_inserted_ones_are(world: &mut World) {
    with_history(world);
    let before = world.contents(&LEDGER);
    let complete = world
        .lines("SELECT id AS line FROM journals ORDER BY position LIMIT 1")
        .remove(0);
    let rows = |journal: &str, amount: i64| -> Vec<(String, i64)> {
        vec![(journal.to_owned(), amount), (journal.to_owned(), -5)]
    };
    let cases = [
        (rows(&complete, 5), "", COMPLETE),
        (rows("avjrn_new", 5), "", FOREIGN),
        (rows("avjrn_new", 4), "; {journal}", BALANCE),
    ];
    for (rows, then, words) in cases {
        let sql = if world.is_postgres() {
            let lines: Vec<String> = (11..)
                .zip(&rows)
                .map(|(line, (id, amount))| format!("{id},{line},assets:suspense,{amount},SEK\\n"))
                .collect();
            format!(
                "COPY postings FROM PROGRAM 'printf \"{}\"' WITH (FORMAT csv){then}",
                lines.concat()
            )
        } else {
            let lines: Vec<String> = (11..)
                .zip(&rows)
                .map(|(line, (id, amount))| {
                    format!("('{id}', {line}, 'assets:suspense', {amount}, 'SEK')")
                })
                .collect();
            format!("INSERT INTO postings VALUES {}{then}", lines.join(", "))
        };
        let error = world.execute(&transaction(&sql)).expect_err(&sql);
        assert!(
            words.iter().any(|word| error.contains(word)),
            "{sql}\nfailed for another reason: {error}"
        );
        assert_eq!(world.contents(&LEDGER), before, "{sql}");
    }
}

/// One adds a line to a journal that the other completes meanwhile. If neither saw the other, each would
/// find itself in order, and the sum of both would be wrong.
fn two_transactions_cannot_add_to_one_journal(world: &mut World) {
    let slow = if world.is_postgres() {
        "{posting}(3, 1, 'SEK'); SELECT pg_sleep(1)"
    } else {
        // A long count holds the write transaction open for a while.
        "{posting}(3, 1, 'SEK'); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) \
         SELECT count(*) FROM n"
    };
    let world = &*world;
    let (adding, whole) = thread::scope(|scope| {
        let adding = scope.spawn(|| world.execute(&transaction(slow)));
        thread::sleep(Duration::from_millis(300));
        let whole = scope.spawn(|| world.execute(&transaction("{whole}")));
        (adding.join().unwrap(), whole.join().unwrap())
    });
    let error = adding.expect_err("a line of its own makes no journal");
    assert!(FOREIGN.iter().any(|word| error.contains(word)), "{error}");
    assert_eq!(whole, Ok(()));
    let sum = "SELECT CAST(sum(amount) AS text) || ' ' || count(*) AS line FROM postings";
    assert_eq!(world.lines(sum), ["0 2"]);
}

on_both_databases! {
    the_database_refuses_what_must_not_be_in_the_ledger,
    the_database_takes_whole_journals_and_a_growing_chain,
    copied_rows_are_refused_as_inserted_ones_are,
    two_transactions_cannot_add_to_one_journal,
}

/// About PostgreSQL's plans, so neither of the two suites.
mod server {
    use crate::cluster;
    use crate::world::World;
    use std::thread;
    use std::time::Duration;

    const LINES: &str = "INSERT INTO postings SELECT 'avjrn_' || n, line, 'assets:suspense', 3 - 2 * line, 'SEK' \
                         FROM generate_series({from}, {to}) AS n, generate_series(1, 2) AS line";
    const HEADS: &str = "INSERT INTO journals \
                         (id, connection, event, reference, description, booked_on, occurred_at, recorded_at) \
                         SELECT 'avjrn_' || n, 'stripe', 'e', 'r', 'd', '2026-11-22', 1, 1 FROM generate_series({from}, {to}) AS n";

    /// Balanced journals with these numbers, all in one statement as the service inserts them.
    fn journals(from: u32, to: u32) -> String {
        format!("WITH lines AS ({LINES}) {HEADS};")
            .replace("{from}", &from.to_string())
            .replace("{to}", &to.to_string())
    }

    /// As the service's connections are set.
    const WHOLE: &str = "SET avstem.whole_journals = 'on'";

    #[test]
    fn who_writes_whole_journals_is_held_to_it() {
        let world = World::postgres();
        let run = |sql: &str| cluster::shared().run_sql(&world.url, sql);
        let numbered = |sql: &str| sql.replace("{from}", "7").replace("{to}", "7");
        let (lines, heads) = (numbered(LINES), numbered(HEADS));
        let one = |line: u32, amount: i64| {
            format!(
                "INSERT INTO postings VALUES ('avjrn_7', {line}, 'assets:suspense', {amount}, 'SEK')"
            )
        };
        let (third, fourth) = (one(3, 5), one(4, -5));
        let whole = journals(7, 7);
        let effect = "INSERT INTO effects VALUES ('stripe', 'r', 'e', 'avjrn_7', 1)";
        let refused = [
            (format!("{lines}; {heads}"), "in the same statement"),
            (lines.clone(), "in the same statement"),
            (effect.to_owned(), "an effect needs its journal"),
            (heads.clone(), "at least two postings"),
            (
                format!("WITH a AS ({third}) {heads}"),
                "at least two postings",
            ),
            (
                format!("WITH a AS ({lines}), b AS ({third}) {heads}"),
                "must balance",
            ),
            (
                format!("{whole} {third}; {fourth}"),
                "this journal is complete",
            ),
            (
                format!("{whole} WITH a AS ({third}) {fourth}"),
                "this journal is complete",
            ),
        ];
        for (sql, words) in refused {
            let error = run(&format!("{WHOLE}; BEGIN; {sql}; COMMIT")).expect_err(&sql);
            assert!(error.contains(words), "{sql}: {error}");
        }
        let taken = format!("{WHOLE}; BEGIN; WITH a AS ({lines}), b AS ({heads}) {effect}; COMMIT");
        run(&taken).unwrap();
        let later = run(&format!("{WHOLE}; WITH a AS ({third}) {fourth}")).unwrap_err();
        assert!(later.contains("this journal is complete"), "{later}");
    }

    /// In one statement journals may be inserted before their postings, whose insert takes the lock.
    #[test]
    fn journals_get_their_positions_under_the_lock_of_the_ledger() {
        let world = World::postgres();
        let (first, waiting, last) = (journals(1, 1), journals(2, 2), journals(3, 3));
        let slow = format!("{WHOLE}; BEGIN; {first} SELECT pg_sleep(1); {last} COMMIT");
        thread::scope(|scope| {
            scope.spawn(|| cluster::shared().run_sql(&world.url, &slow).unwrap());
            thread::sleep(Duration::from_millis(300));
            cluster::shared().run_sql(&world.url, &waiting).unwrap();
        });
        let order = world.lines("SELECT id AS line FROM journals ORDER BY position");
        assert_eq!(
            order,
            ["avjrn_1", "avjrn_3", "avjrn_2"],
            "as they were committed"
        );
    }

    /// A connection keeps the plans of its first insert, when there was next to nothing.
    #[test]
    fn what_is_added_is_checked_without_reading_all_that_is_there() {
        let world = World::postgres();
        let read = |table: &str| {
            format!(
                "(SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = '{table}')"
            )
        };
        let (postings, complete) = (read("postings"), read("journals"));
        let (first, many, ten) = (journals(1, 1), journals(2, 3000), journals(3001, 3010));
        let sql = format!(
            "{WHOLE}; {first} {many} CREATE TEMPORARY TABLE before AS SELECT {postings} AS postings, {complete} AS journals; \
             {ten} SELECT {postings} - postings, {complete} - journals FROM before"
        );
        let read = cluster::shared().run_sql(&world.url, &sql).unwrap();
        let (postings, journals) = read.split_once('|').unwrap();
        let at_most = |read: &str, rows: u32| read.parse::<u32>().unwrap() <= rows;
        assert!(at_most(postings, 40), "{postings} postings for 10 journals");
        assert!(at_most(journals, 10), "{journals} journals for 10 of them");
    }
}

//! The sealer: batches, one holder at a time, restarts, and the cached balances.

use crate::database::LEDGER;
use crate::world::World;
use avstem::app::seams::Seams;
use avstem::app::{App, Failure, seal_ledger, verify_ledger};
use avstem::store::rows::{Effect, NewJournal, Posting};
use avstem_domain::id::JournalId;

/// How long a sealer's lease keeps others away.
const LEASE_S: i64 = 30;

/// Writes journals of their own effects, of 1, 2, 3 … öre, on a few days.
fn write_journals(world: &World, count: i64) {
    let (mut journals, mut postings, mut effects) = (Vec::new(), Vec::new(), Vec::new());
    let now = world.clock.now().as_micros();
    for number in 1..=count {
        let id = JournalId::from_uuid(world.clock.uuid()).to_string();
        let reference = format!("ch_{id}");
        for (line, account, amount) in [
            (1, "assets:provider:stripe", number),
            (2, "income:orders", -number),
        ] {
            let (account, currency) = (account.to_owned(), "SEK".to_owned());
            postings.push(Posting {
                journal_id: id.clone(),
                line,
                account,
                amount,
                currency,
            });
        }
        effects.push(Effect {
            connection: "stripe".to_owned(),
            object: reference.clone(),
            effect: "charge_succeeded".to_owned(),
            journal_id: id.clone(),
            recorded_at: now,
        });
        journals.push(NewJournal {
            id,
            connection: "stripe".to_owned(),
            event: "charge_succeeded".to_owned(),
            reference,
            description: "Charge succeeded".to_owned(),
            booked_on: format!("2026-11-{:02}", 20 + number % 5),
            occurred_at: now,
            recorded_at: now,
        });
    }
    let written: Result<(), Failure> = world
        .app
        .store
        .write(|tx| Ok(tx.add_journals(&journals, &postings, &effects)?));
    written.unwrap();
}

fn sealed(app: &App) -> i64 {
    app.store
        .read(|tx| tx.chain_head().map_err(Failure::from))
        .unwrap()
        .count
}

fn assert_whole(world: &World) {
    let verification = verify_ledger::verify(&world.app, &mut |_| {}).unwrap();
    assert!(
        verification.findings.is_empty(),
        "{:?}",
        verification.findings
    );
}

fn many_journals_are_sealed_in_batches_and_the_books_verify(world: &mut World) {
    write_journals(world, 2_345);
    assert_eq!(seal_ledger::seal(&world.app, "a").unwrap(), 2_345);
    let head = world
        .app
        .store
        .read(|tx| tx.chain_head().map_err(Failure::from))
        .unwrap();
    assert_eq!(head.count, 2_345);
    let last = world.lines("SELECT CAST(seq AS text) || ' ' || position || ' ' || hash AS line FROM seals ORDER BY seq DESC LIMIT 1");
    assert_eq!(
        last,
        [format!("{} {} {}", head.count, head.position, head.hash)]
    );
    assert_whole(world);
}

fn sealing_again_changes_nothing(world: &mut World) {
    write_journals(world, 5);
    assert_eq!(seal_ledger::seal(&world.app, "a").unwrap(), 5);
    let before = world.contents(&LEDGER);
    assert_eq!(seal_ledger::seal(&world.app, "a").unwrap(), 0);
    world.pass_days(1);
    assert_eq!(seal_ledger::seal(&world.app, "b").unwrap(), 0);
    assert_eq!(world.contents(&LEDGER), before);
}

fn a_second_sealer_waits_until_the_first_ones_lease_ends(world: &mut World) {
    write_journals(world, 3);
    assert_eq!(seal_ledger::seal(&world.app, "a").unwrap(), 3);
    write_journals(world, 4);
    let other = world.another_process(Seams::default());
    assert_eq!(seal_ledger::seal(&other, "b").unwrap(), 0);
    world.pass_seconds(LEASE_S - 1);
    assert_eq!(
        seal_ledger::seal(&other, "b").unwrap(),
        0,
        "a second before the lease ends"
    );
    // The holder itself goes on, which makes its lease longer.
    assert_eq!(seal_ledger::seal(&world.app, "a").unwrap(), 4);
    write_journals(world, 1);
    world.pass_seconds(LEASE_S - 1);
    assert_eq!(seal_ledger::seal(&other, "b").unwrap(), 0);
    world.pass_seconds(1);
    assert_eq!(
        seal_ledger::seal(&other, "b").unwrap(),
        1,
        "the moment it ends"
    );
    assert_eq!(
        seal_ledger::seal(&world.app, "a").unwrap(),
        0,
        "now the other one holds it"
    );
    assert_eq!(sealed(&world.app), 8);
    assert_whole(world);
}

fn the_chain_goes_on_where_another_process_left_it(world: &mut World) {
    for round in 1..=3_i64 {
        write_journals(world, 10);
        let process = world.another_process(Seams::default());
        world.pass_seconds(LEASE_S);
        assert_eq!(
            seal_ledger::seal(&process, &format!("process {round}")).unwrap(),
            10
        );
        assert_eq!(sealed(&process), 10 * round);
    }
    assert_whole(world);
}

fn cached_balances_are_the_sums_of_the_sealed_postings(world: &mut World) {
    write_journals(world, 30);
    seal_ledger::seal(&world.app, "a").unwrap();
    write_journals(world, 20);
    seal_ledger::seal(&world.app, "a").unwrap();
    let cached = "SELECT booked_on || ' ' || account || ' ' || currency || ' ' || amount AS line FROM daily_balances ORDER BY 1";
    let summed = "SELECT booked_on || ' ' || account || ' ' || currency || ' ' || sum(amount) AS line \
                  FROM postings JOIN journals ON journals.id = journal_id GROUP BY booked_on, account, currency ORDER BY 1";
    assert_eq!(world.lines(cached).len(), 10, "five days, two accounts");
    assert_eq!(world.lines(cached), world.lines(summed));
    // What is not sealed yet is not in the cache.
    let before = world.lines(cached);
    write_journals(world, 1);
    assert_eq!(world.lines(cached), before);
}

/// The second batch of two runs into a row that is in its way: none of it stays, the first batch does.
fn a_batch_that_fails_leaves_nothing_of_itself(world: &mut World) {
    write_journals(world, 1_500);
    world
        .execute(&format!(
            "INSERT INTO seals VALUES (1400, 999999, 'in the way', '{}')",
            "0".repeat(64)
        ))
        .unwrap();
    let error = seal_ledger::seal(&world.app, "a").unwrap_err();
    assert!(
        matches!(&error, Failure::Store(store) if store.is_about_data()),
        "{error:?}"
    );
    assert_eq!(sealed(&world.app), 1_000);
    let count = "SELECT CAST(count(*) AS text) AS line FROM seals";
    assert_eq!(world.lines(count), ["1001"]);
    let cached = "SELECT CAST(sum(amount) AS text) AS line FROM daily_balances WHERE account = 'assets:provider:stripe'";
    assert_eq!(world.lines(cached), [(1_000 * 1_001 / 2).to_string()]);

    world.switch_triggers_off(&["seals"]);
    world.execute("DELETE FROM seals WHERE seq = 1400").unwrap();
    assert_eq!(seal_ledger::seal(&world.app, "a").unwrap(), 500);
    assert_eq!(world.lines(cached), [(1_500 * 1_501 / 2).to_string()]);
    assert_whole(world);
}

fn each_seal_is_chained_to_the_one_before(world: &mut World) {
    write_journals(world, 3);
    seal_ledger::seal(&world.app, "a").unwrap();
    let (seals, journals) = world
        .app
        .store
        .read(|tx| Ok::<_, Failure>((tx.seals_after(0, 10)?, tx.journals_after(0, 10)?)))
        .unwrap();
    let postings = |id: &str| {
        let ids = [id.to_owned()];
        world
            .app
            .store
            .read(|tx| tx.postings_of(&ids).map_err(Failure::from))
            .unwrap()
    };
    let mut head = world
        .app
        .store
        .read(|tx| tx.chain_head().map_err(Failure::from))
        .unwrap();
    (head.count, head.hash) = (0, "0".repeat(64));
    for (seal, journal) in seals.iter().zip(&journals) {
        let next = seal_ledger::next_seal(&head, journal, &postings(&journal.id)).unwrap();
        assert_eq!(&next, seal);
        // After another hash the same journal gets another one.
        let elsewhere = avstem::store::rows::ChainHead {
            hash: "1".repeat(64),
            ..head.clone()
        };
        assert_ne!(
            seal_ledger::next_seal(&elsewhere, journal, &postings(&journal.id))
                .unwrap()
                .hash,
            seal.hash
        );
        (head.count, head.hash) = (seal.seq, seal.hash.clone());
    }
    assert_eq!(seals.len(), 3);
}

on_both_databases! {
    many_journals_are_sealed_in_batches_and_the_books_verify,
    sealing_again_changes_nothing,
    a_second_sealer_waits_until_the_first_ones_lease_ends,
    the_chain_goes_on_where_another_process_left_it,
    cached_balances_are_the_sums_of_the_sealed_postings,
    a_batch_that_fails_leaves_nothing_of_itself,
    each_seal_is_chained_to_the_one_before,
}

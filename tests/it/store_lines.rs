//! Lines of reports: written, found by what they name, counted, and compared, through the store's own queries.

use crate::store_reconciliation::file;
use crate::store_tables::{MAX, MIN, read, text, write};
use crate::world::World;
use avstem::store::rows::*;

fn line(id: &str, file: &str) -> ProviderLine {
    ProviderLine {
        seq: 0,
        connection: "stripe".to_owned(),
        id: id.to_owned(),
        file_id: file.to_owned(),
        row_number: MAX,
        role: "movement".to_owned(),
        kind: "charge".to_owned(),
        gross: 12_500,
        fee: 368,
        net: 12_132,
        currency: "SEK".to_owned(),
        facing: None,
        facing_currency: None,
        source: Some("ch_1".to_owned()),
        charge: None,
        payout: None,
        trace_id: None,
        merchant_reference: None,
        occurred_at: MIN,
        day: "2026-10-05".to_owned(),
        available_on: None,
        text: text(),
        posted: false,
        suspense: 0,
        standing: "new".to_owned(),
    }
}

/// One of a file that is not stored yet, and one of a file that is, numbered as they came.
fn waiting_and_full(world: &World) -> (ProviderLine, ProviderLine) {
    let full = ProviderLine {
        facing: Some(MAX),
        facing_currency: Some("EUR".to_owned()),
        charge: Some("ch_1".to_owned()),
        payout: Some("po_1".to_owned()),
        trace_id: Some(text()),
        merchant_reference: Some(text()),
        available_on: Some(text()),
        posted: true,
        suspense: MIN,
        standing: "open".to_owned(),
        ..line("b", "2")
    };
    let waiting = line("a", "1");
    write(world, |tx| {
        tx.add_statement_file(&file("1", "received"))?;
        tx.add_statement_file(&file("2", "stored"))?;
        for _ in 0..2 {
            tx.add_provider_lines(&[waiting.clone(), full.clone()])?;
        }
        Ok(())
    });
    let numbered = |line: ProviderLine| {
        let ids = [line.id.clone()];
        let found = read(world, |tx| Ok(tx.provider_lines_by_ids("stripe", &ids)?));
        let seq = found.first().unwrap().seq;
        ProviderLine { seq, ..line }
    };
    let (waiting, full) = (numbered(waiting), numbered(full));
    assert!(
        0 < waiting.seq && waiting.seq < full.seq,
        "{waiting:?} {full:?}"
    );
    assert_eq!(read(world, |tx| Ok(tx.last_line_seq()?)), full.seq);
    (waiting, full)
}

fn lines_are_found_by_what_they_name(world: &mut World) {
    let (waiting, full) = waiting_and_full(world);
    let ids = ["a", "b"].map(str::to_owned);
    let mut found = read(world, |tx| Ok(tx.provider_lines_by_ids("stripe", &ids)?));
    found.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(found, [waiting, full.clone()]);
    let of_charge = ["ch_1".to_owned()];
    let whole = std::slice::from_ref(&full);
    assert_eq!(
        read(world, |tx| Ok(tx.lines_by_sources("stripe", &of_charge)?)),
        whole
    );
    assert_eq!(
        read(world, |tx| Ok(tx.lines_by_charges("stripe", &of_charge)?)),
        whole
    );
    assert_eq!(
        read(
            world,
            |tx| Ok(tx.sources_in_suspense("stripe", &of_charge)?)
        ),
        of_charge
    );
}

fn what_the_bank_shows_of_a_payout_is_what_its_lines_say(world: &mut World) {
    let (_, full) = waiting_and_full(world);
    let line = |id: &str, currency: &str, trace: Option<&str>| ProviderLine {
        id: id.to_owned(),
        currency: currency.to_owned(),
        trace_id: trace.map(str::to_owned),
        ..full.clone()
    };
    let lines = [
        line("c", "EUR", None),
        line("d", "EUR", Some("E2")),
        line("e", "EUR", Some("E1")),
        line("f", "EUR", Some("E2")),
        line("g", "USD", None),
        line("h", "USD", Some("U1")),
    ];
    let on_its_way = PayoutPosition {
        connection: "stripe".to_owned(),
        provider_id: "po_1".to_owned(),
        amount: 12_132,
        currency: "SEK".to_owned(),
        sent_on: "2026-10-05".to_owned(),
        arrival_on: "2026-10-06".to_owned(),
        traces: "[]".to_owned(),
        came_back: false,
        came: 0,
        resolved: 0,
    };
    let position = |provider_id: &str, came_back, came| PayoutPosition {
        provider_id: provider_id.to_owned(),
        came_back,
        came,
        ..on_its_way.clone()
    };
    let of = |payout: &str, line: &ProviderLine| ProviderLine {
        id: format!("{payout}/{}", line.id),
        payout: Some(payout.to_owned()),
        ..line.clone()
    };
    let others = ["po_2", "po_3"].map(|payout| of(payout, &full));
    let traces = || {
        let mut found = read(world, |tx| Ok(tx.payout_traces("stripe")?));
        found.sort();
        found
    };
    write(world, |tx| {
        tx.add_provider_lines(&lines)?;
        tx.add_provider_lines(&others)?;
        Ok(())
    });
    assert_eq!(traces(), []);
    write(world, |tx| {
        Ok(tx.save_payout_positions(&[
            on_its_way.clone(),
            position("po_2", true, 0),
            position("po_3", false, 12_132),
            position("po_4", false, 0),
        ])?)
    });
    let mut told = [full.trace_id.as_deref().unwrap(), "E1", "E2", "U1"];
    told.sort_unstable();
    assert_eq!(
        traces(),
        told.map(|trace| ("po_1".to_owned(), trace.to_owned()))
    );
}

fn lines_count_once_their_file_is_whole(world: &mut World) {
    let (waiting, full) = waiting_and_full(world);
    let to_post = || read(world, |tx| Ok(tx.lines_to_post("stripe", 9)?));
    assert_eq!(to_post(), []);
    let totals = |through: &str, until: i64| {
        read(
            world,
            |tx| Ok(tx.provider_totals("stripe", through, until)?),
        )
    };
    let total = |due| ProviderTotal {
        payout: Some("po_1".to_owned()),
        currency: "SEK".to_owned(),
        due,
        members: Some(12_132),
    };
    assert_eq!(totals("2026-10-05", MAX), [total(12_132)]);
    assert_eq!(totals("2026-10-04", MAX), [total(0)]);
    assert_eq!(totals("2026-10-05", full.seq - 1), []);

    write(world, |tx| Ok(tx.finish_file("1", 0)?));
    assert_eq!(to_post(), std::slice::from_ref(&waiting));
    write(world, |tx| Ok(tx.mark_posted(&[waiting.seq])?));
    assert_eq!(to_post(), []);
    assert_eq!(read(world, |tx| Ok(tx.first_line_at("stripe")?)), Some(MIN));
}

fn a_line_of_a_run_is_matched_unless_it_says_otherwise(world: &mut World) {
    let (waiting, full) = waiting_and_full(world);
    let run = MatchRun {
        connection: "stripe".to_owned(),
        last_seq: full.seq,
        first_seq: waiting.seq,
        pass: text(),
        reconciliation_id: text(),
    };
    let elsewhere = MatchRun {
        connection: "paypal".to_owned(),
        ..run.clone()
    };
    let standings = || {
        let seqs = [waiting.seq, full.seq];
        let mut found = read(world, |tx| Ok(tx.lines_by_seqs(&seqs)?));
        found.sort_by_key(|line| line.seq);
        found
            .into_iter()
            .map(|line| line.standing)
            .collect::<Vec<_>>()
    };
    write(world, |tx| {
        Ok(tx.add_match_runs(std::slice::from_ref(&elsewhere))?)
    });
    assert_eq!(standings(), ["new", "open"]);
    write(world, |tx| {
        Ok(tx.add_match_runs(std::slice::from_ref(&run))?)
    });
    assert_eq!(standings(), ["matched", "open"]);
    assert_eq!(read(world, |tx| Ok(tx.match_runs("stripe")?)), [run]);
}

fn lines_and_charges_come_in_the_order_of_their_bytes(world: &mut World) {
    let told = |id: &str, source: Option<&str>| ProviderLine {
        source: source.map(str::to_owned),
        ..line(id, "2")
    };
    // What people sort differs: small before capital letters, and signs not at all.
    let lines = [
        told("1", Some("ch_b")),
        told("2", Some("ch_B")),
        told("3", None),
        told("4", Some("ch-z")),
        told("5", Some("ch_a")),
        told("6", Some("ch_B")),
    ];
    write(world, |tx| {
        tx.add_statement_file(&file("2", "stored"))?;
        tx.add_provider_lines(&lines)?;
        Ok(())
    });
    let asked = |after: (&'static str, i64), limit: i64| ToCompare {
        connection: "stripe",
        through: "2026-10-05",
        after,
        until: MAX,
        limit,
    };
    let sources = |after: (&'static str, i64), limit: i64| {
        let found = read(world, |tx| Ok(tx.lines_to_compare(asked(after, limit))?));
        found
            .into_iter()
            .map(|line| (line.source, line.seq))
            .collect::<Vec<_>>()
    };
    let all = sources(("", MIN), 9);
    let ids: Vec<&str> = all.iter().map(|(source, _)| source.as_str()).collect();
    assert_eq!(ids, ["ch-z", "ch_B", "ch_B", "ch_a", "ch_b"]);
    assert_eq!(sources(("ch_B", all[1].1), 2), all[2..4]);
    let nothing = read(world, |tx| Ok(tx.lines_about_nothing(asked(("", MIN), 9))?));
    assert_eq!(nothing.len(), 1);
    let (seq, flags) = nothing.first().unwrap();
    assert!(flags.is_new() && flags.is_due(), "{flags:?}");
    assert!(!flags.is_open() && !flags.is_matched(), "{flags:?}");
    assert!(all.iter().all(|(_, other)| other != seq));
    let some = ["ch_b", "ch_c"];
    assert_eq!(
        read(world, |tx| Ok(tx.sources_told("stripe", &some)?)),
        ["ch_b"]
    );
}

on_both_databases! {
    lines_are_found_by_what_they_name,
    what_the_bank_shows_of_a_payout_is_what_its_lines_say,
    lines_count_once_their_file_is_whole,
    a_line_of_a_run_is_matched_unless_it_says_otherwise,
    lines_and_charges_come_in_the_order_of_their_bytes,
}

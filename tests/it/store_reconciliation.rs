//! Imported files, their lines and what came of them: written and read back through the store's own queries.

use crate::store_tables::{MAX, MIN, read, text, write};
use crate::world::World;
use avstem::store::rows::*;

pub fn file(id: &str, state: &str) -> StatementFile {
    StatementFile {
        id: id.to_owned(),
        side: "settlement".to_owned(),
        owner: "stripe".to_owned(),
        format: text(),
        sha256: id.repeat(64),
        bytes: MAX,
        data_rows: MIN,
        problems: MAX,
        first_day: Some(text()),
        last_day: None,
        covers_until: Some(MIN),
        state: state.to_owned(),
        received_by: text(),
        received_at: MAX,
        covers_from: Some(MIN),
        lines_before: MAX,
    }
}

fn files_with_their_bytes_problems_and_holders_come_back(world: &mut World) {
    let files = [file("1", "received"), file("2", "stored")];
    let pieces = [vec![0, 255, 10], Vec::new()].map(|bytes| FilePiece {
        file_id: "1".to_owned(),
        position: i64::try_from(bytes.len()).unwrap(),
        bytes,
    });
    let problem = FileProblem {
        file_id: "1".to_owned(),
        position: MAX,
        row_number: MIN,
        column_name: text(),
        code: text(),
        found: text(),
        expected: text(),
    };
    let holder = StatementHolder {
        side: text(),
        owner: text(),
        what: text(),
        name: text(),
        file_id: "1".to_owned(),
    };
    write(world, |tx| {
        files
            .iter()
            .try_for_each(|row| tx.add_statement_file(row))?;
        for _ in 0..2 {
            for piece in &pieces {
                let packed = FilePiece::pack(&piece.bytes).unwrap();
                tx.add_file_piece(&piece.file_id, piece.position, &packed)?;
            }
            tx.add_file_problems(std::slice::from_ref(&problem))?;
            tx.add_holders(std::slice::from_ref(&holder))?;
        }
        Ok(())
    });
    assert_eq!(
        read(world, |tx| Ok(tx.statement_files_of("settlement")?)),
        files
    );
    assert_eq!(read(world, |tx| Ok(tx.unfinished_files()?)), files[..1]);
    let hash = &files[1].sha256;
    let found = read(world, |tx| {
        Ok(tx.file_by_hash("settlement", "stripe", hash)?)
    });
    assert_eq!(found.as_ref(), Some(&files[1]));
    for other in [("bank", "stripe"), ("settlement", "paypal")] {
        let found = read(world, |tx| Ok(tx.file_by_hash(other.0, other.1, hash)?));
        assert_eq!(found, None, "{other:?}");
    }
    for piece in &pieces {
        let found = read(world, |tx| Ok(tx.file_piece("1", piece.position)?));
        assert_eq!(found.as_ref(), Some(piece));
    }
    assert_eq!(
        read(world, |tx| Ok(tx.problems_of_file("1", 9)?)),
        [problem]
    );
    assert_eq!(
        read(world, |tx| Ok(tx.holders_of(&text(), &text())?)),
        [holder]
    );
    write(world, |tx| Ok(tx.finish_file("1", 7)?));
    let done = read(world, |tx| Ok(tx.statement_file("1")?)).unwrap();
    assert_eq!((done.state.as_str(), done.problems), ("stored", 7));
}

fn bank_lines_and_positions_come_back(world: &mut World) {
    let bank = |id: &str, standing: &str, booked_on: &str| BankLine {
        account: "main".to_owned(),
        id: id.to_owned(),
        file_id: "2".to_owned(),
        row_number: MIN,
        booked_on: booked_on.to_owned(),
        value_date: None,
        amount: MAX,
        currency: "SEK".to_owned(),
        bank_reference: None,
        charges: None,
        counterparty: None,
        text: text(),
        words: text(),
        standing: standing.to_owned(),
    };
    let full = BankLine {
        value_date: Some(text()),
        bank_reference: Some(text()),
        charges: Some(MIN),
        counterparty: Some(text()),
        ..bank("1", "open", "2026-10-01")
    };
    let others = [
        bank("2", "unrelated", "2026-10-01"),
        bank("3", "unrelated", "2026-10-05"),
        bank("4", "matched", "2026-10-05"),
        bank("5", "new", "2026-10-09"),
    ];
    let position = PayoutPosition {
        connection: "stripe".to_owned(),
        provider_id: "po_1".to_owned(),
        amount: MIN,
        currency: "SEK".to_owned(),
        sent_on: text(),
        arrival_on: text(),
        traces: text(),
        came_back: true,
        came: MAX,
        resolved: MIN,
    };
    for _ in 0..2 {
        write(world, |tx| {
            if tx.statement_file("2")?.is_none() {
                tx.add_statement_file(&file("2", "stored"))?;
            }
            tx.save_bank_lines(std::slice::from_ref(&full))?;
            tx.save_bank_lines(&others)?;
            Ok(tx.save_payout_positions(std::slice::from_ref(&position))?)
        });
    }
    let ids = ["1".to_owned()];
    let found = read(world, |tx| Ok(tx.bank_lines_by_ids("main", &ids)?));
    assert_eq!(found, std::slice::from_ref(&full));
    // Those that are none of ours only as long as something could be about them.
    let judged = read(world, |tx| {
        Ok(tx.bank_lines_to_judge("2026-10-02", "2026-10-08")?)
    });
    let judged: Vec<&str> = judged.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(judged, ["1", "3"]);
    assert_eq!(
        read(world, |tx| Ok(tx.last_bank_day()?)).as_deref(),
        Some("2026-10-09")
    );
    let positions = read(world, |tx| Ok(tx.payout_positions_of("stripe")?));
    assert_eq!(positions, [position]);
}

fn breaks_stand_as_their_last_event_says(world: &mut World) {
    let row = |id: &str, holding: Option<String>| Break {
        id: id.to_owned(),
        kind: "fee_mismatch".to_owned(),
        subject: text(),
        connection: holding.clone(),
        reference: text(),
        currency: "SEK".to_owned(),
        expected: MIN,
        found: MAX,
        found_currency: "EUR".to_owned(),
        holding,
        opened_on: text(),
        created_at: MIN,
    };
    let event = |id: &str, seq: i64, state: &str| BreakEvent {
        break_id: id.to_owned(),
        seq,
        action: "opened".to_owned(),
        state: state.to_owned(),
        resolution: (seq > 1).then(text),
        owner: (seq > 1).then(text),
        note: (seq > 1).then(text),
        through: text(),
        done_by: text(),
        journal_id: None,
        done_at: MAX,
    };
    let breaks = [row("1", None), row("2", Some(text()))];
    let events = [
        event("1", 1, "open"),
        event("1", 2, "resolved"),
        event("2", 1, "open"),
    ];
    write(world, |tx| {
        tx.add_breaks(&breaks)?;
        Ok(tx.add_break_events(&events)?)
    });
    let first = (breaks[0].clone(), events[1].clone());
    let second = (breaks[1].clone(), events[2].clone());
    let subjects = [text()];
    assert_eq!(
        read(world, |tx| Ok(tx.breaks_by_subjects(&subjects)?)),
        [first.clone(), second.clone()]
    );
    assert_eq!(
        read(world, |tx| Ok(tx.find_break("1")?)),
        Some(first.clone())
    );
    let list = |state, kind, before| read(world, |tx| Ok(tx.list_breaks(state, kind, before, 9)?));
    assert_eq!(list(None, None, None), [second.clone(), first.clone()]);
    assert_eq!(
        list(Some("open"), None, None),
        std::slice::from_ref(&second)
    );
    assert_eq!(list(None, Some("fee_mismatch"), Some("2")), [first]);
    assert_eq!(list(None, Some("amount_mismatch"), None), []);
    let open = |connection: Option<&str>| read(world, |tx| Ok(tx.open_breaks(connection)?));
    assert_eq!(open(None), [("fee_mismatch".to_owned(), 1)]);
    assert_eq!(open(Some(&text())), [("fee_mismatch".to_owned(), 1)]);
    assert_eq!(open(Some("stripe")), []);
    assert_eq!(read(world, |tx| Ok(tx.events_of_break("1")?)), events[..2]);
}

fn matches_and_reconciliations_come_back(world: &mut World) {
    let found = |line: &str, amount: i64, day: &str| Match {
        side: "bank".to_owned(),
        owner: "main".to_owned(),
        line_id: line.to_owned(),
        counterpart: format!("po_{amount}"),
        counterpart_kind: text(),
        connection: "stripe".to_owned(),
        amount,
        bank_fee: MIN,
        currency: "SEK".to_owned(),
        day: day.to_owned(),
        pass: text(),
        reconciliation_id: text(),
    };
    let run = |id: &str, connection: Option<String>| Reconciliation {
        id: id.to_owned(),
        connection,
        through: text(),
        state: text(),
        report: text(),
        made_by: text(),
        made_at: MAX,
    };
    let runs = [run("1", None), run("2", Some(text()))];
    write(world, |tx| {
        tx.add_matches(&[
            found("a", 1, "2026-10-01"),
            found("a", 2, "2026-10-01"),
            found("b", 4, "2026-10-02"),
        ])?;
        Ok(runs.iter().try_for_each(|row| tx.add_reconciliation(row))?)
    });
    let totals = |through: &str| read(world, |tx| Ok(tx.bank_totals("stripe", through)?));
    assert_eq!(totals("2026-10-01"), [("SEK".to_owned(), 3, 1)]);
    assert_eq!(totals("2026-10-02"), [("SEK".to_owned(), 7, 2)]);
    let first = read(world, |tx| Ok(tx.find_reconciliation("1")?));
    assert_eq!(first.as_ref(), Some(&runs[0]));
    let last = read(world, |tx| Ok(tx.last_reconciliation()?));
    assert_eq!(last.as_ref(), Some(&runs[1]));
}

on_both_databases! {
    files_with_their_bytes_problems_and_holders_come_back,
    bank_lines_and_positions_come_back,
    breaks_stand_as_their_last_event_says,
    matches_and_reconciliations_come_back,
}

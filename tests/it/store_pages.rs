//! What belongs to a page of journals is found, wherever their ids lie among those of others.

use crate::store_tables::{read, write};
use crate::world::World;
use avstem::store::StoreError;
use avstem::store::bulk::PageKept;
use avstem::store::bulk::views::Viewed;
use avstem::store::rows::{Effect, EffectOf, Journal, NewJournal, Posting};

/// Journals with so many postings each, in the order of writing.
fn booked(world: &World, journals: &[(&str, i64)]) {
    let mut rows = (Vec::new(), Vec::new(), Vec::new());
    for (id, lines) in journals {
        rows.0.push(NewJournal {
            id: (*id).to_owned(),
            connection: "stripe".to_owned(),
            event: String::new(),
            reference: String::new(),
            description: String::new(),
            booked_on: "2026-11-22".to_owned(),
            occurred_at: 1,
            recorded_at: 1,
        });
        rows.2.push(Effect {
            connection: "stripe".to_owned(),
            object: format!("of {id}"),
            effect: String::new(),
            journal_id: (*id).to_owned(),
            recorded_at: 1,
        });
        for line in 1..=*lines {
            rows.1.push(Posting {
                journal_id: (*id).to_owned(),
                line,
                account: String::new(),
                amount: if line == 1 { lines - 1 } else { -1 },
                currency: "SEK".to_owned(),
            });
        }
    }
    let (journals, postings, effects) = &rows;
    write(
        world,
        |tx| Ok(tx.add_journals(journals, postings, effects)?),
    );
}

/// The pages' ids, with the lines and objects that were found of each.
fn page(world: &World, ids: &[&str]) -> Vec<(String, Vec<i64>, Vec<String>)> {
    let all = read(world, |tx| Ok(tx.journals_after(0, 100)?));
    let page: Vec<Journal> = all
        .into_iter()
        .filter(|journal| ids.contains(&journal.id.as_str()))
        .collect();
    let lines = read(world, |tx| Ok(tx.postings_of_page(&page)?));
    let effects = effects_of(world, &page);
    let found = page.into_iter().zip(lines).zip(effects);
    found
        .map(|((journal, lines), effects)| {
            assert!(lines.iter().all(|line| line.journal_id == journal.id));
            let lines = lines.into_iter().map(|line| line.line).collect();
            let objects = effects.into_iter().map(|effect| effect.object).collect();
            (journal.id, lines, objects)
        })
        .collect()
}

fn has(id: &str, lines: i64) -> (String, Vec<i64>, Vec<String>) {
    (
        id.to_owned(),
        (1..=lines).collect(),
        vec![format!("of {id}")],
    )
}

fn a_page_has_its_own_rows_in_its_own_order(world: &mut World) {
    booked(world, &[("e", 3), ("c", 2), ("a", 2)]);
    assert_eq!(page(world, &["e", "a"]), [has("e", 3), has("a", 2)]);
    assert_eq!(page(world, &[]), []);
}

/// Of two journals at most 32 rows are read at once: of these, one of the last journal's two.
fn rows_of_many_others_between_take_none_away(world: &mut World) {
    let others: Vec<String> = (10..24).map(|number| format!("m{number}")).collect();
    let mut journals = vec![("a", 3)];
    journals.extend(others.iter().map(|id| (id.as_str(), 2)));
    journals.push(("z", 2));
    booked(world, &journals);
    assert_eq!(page(world, &["a", "z"]), [has("a", 3), has("z", 2)]);
}

/// Which effects each journal is, looked up one by one.
fn effects_of(world: &World, journals: &[Journal]) -> Vec<Vec<EffectOf>> {
    let ids = |journal: &Journal| vec![journal.id.clone()];
    let of_each = journals
        .iter()
        .map(|journal| read(world, |tx| Ok(tx.effects_by_journals(&ids(journal))?)));
    of_each.collect()
}

/// As the rows are stored, however their texts are written, and nothing that came after the reading began.
fn what_is_read_in_bulk_is_what_is_stored(world: &mut World) {
    booked(world, &[("b'\\\\'", 3), ("a\u{1F9FE}", 2), ("c", 2)]);
    let journals = read(world, |tx| Ok(tx.journals_after(0, 100)?));
    let postings = read(world, |tx| Ok(tx.postings_of_page(&journals)?));
    let effects = effects_of(world, &journals);
    let in_bulk = world.app.store.snapshot_in_bulk(|tx| {
        assert_eq!(tx.last_position()?, journals[2].position);
        booked(world, &[("d", 2)]);
        let mut kept = PageKept::default();
        for through in [0, journals[1].position, i64::MAX] {
            let page = tx.page(0, through, 100, &mut kept)?;
            let asked = journals.iter().filter(|row| row.position <= through);
            assert_eq!(page.journals, viewed(asked));
            let of_each = page.journals.len();
            let asked = postings.iter().take(of_each).map(viewed);
            assert_eq!(page.postings, asked.collect::<Vec<_>>());
            let asked = effects.iter().take(of_each).map(viewed);
            assert_eq!(page.effects, asked.collect::<Vec<_>>());
        }
        Ok::<_, StoreError>(
            tx.page(journals[0].position, i64::MAX, 1, &mut kept)?
                .journals[0]
                .position,
        )
    });
    assert_eq!(in_bulk.unwrap(), journals[1].position);
}

/// Of two journals at most 32 rows are copied at once: of these, one of the last journal's two.
fn rows_of_many_others_between_take_none_away_in_bulk(world: &mut World) {
    let others: Vec<String> = (10..24).map(|number| format!("m{number}")).collect();
    let mut journals = vec![("a", 3), ("z", 2)];
    journals.extend(others.iter().map(|id| (id.as_str(), 2)));
    booked(world, &journals);
    let found = world.app.store.snapshot_in_bulk(|tx| {
        let mut kept = PageKept::default();
        let page = tx.page(0, i64::MAX, 2, &mut kept)?;
        let of_each = page.postings.iter().zip(&page.effects);
        let found = page.journals.iter().zip(of_each);
        let counted = found.map(|(journal, (postings, effects))| {
            (journal.id.to_owned(), postings.len(), effects.len())
        });
        Ok::<_, StoreError>(counted.collect::<Vec<_>>())
    });
    let expected = [("a".to_owned(), 3, 1), ("z".to_owned(), 2, 1)];
    assert_eq!(found.unwrap(), expected);
}

fn viewed<'r, R: Viewed>(rows: impl IntoIterator<Item = &'r R>) -> Vec<R::View<'r>> {
    rows.into_iter().map(R::view).collect()
}

on_both_databases! {
    rows_of_many_others_between_take_none_away_in_bulk,
    what_is_read_in_bulk_is_what_is_stored,
    a_page_has_its_own_rows_in_its_own_order,
    rows_of_many_others_between_take_none_away,
}

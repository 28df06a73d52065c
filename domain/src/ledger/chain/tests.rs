use super::*;

#[derive(Clone, PartialEq)]
struct Row {
    id: u128,
    event: String,
    reference: String,
    description: String,
    occurred_at: i64,
    booked_on: NaiveDate,
    recorded_at: i64,
    postings: Vec<(String, i64, String)>,
}

fn row(n: u32) -> Row {
    let posting = |account: &str, amount| (account.to_owned(), amount, "SEK".to_owned());
    Row {
        id: u128::from(n),
        event: "charge_succeeded".into(),
        reference: format!("ch_{n}"),
        description: "Charge succeeded".into(),
        occurred_at: 1_790_000_000_000_000 + i64::from(n),
        booked_on: NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(),
        recorded_at: 1_790_000_000_500_000,
        postings: vec![
            posting("assets:provider:stripe", 24_900),
            posting("liabilities:deferred_revenue", -19_920),
            posting("liabilities:vat", -4_980),
        ],
    }
}

fn link_row(previous: ChainHash, seq: u64, row: &Row) -> ChainHash {
    let postings: Vec<SealedPosting<'_>> = row
        .postings
        .iter()
        .map(|(account, amount, currency)| SealedPosting {
            account,
            amount: *amount,
            currency,
        })
        .collect();
    let journal = SealedJournal {
        id: JournalId::from_uuid(uuid::Uuid::from_u128(row.id)),
        event: &row.event,
        reference: &row.reference,
        description: &row.description,
        occurred_at: Timestamp::from_micros(row.occurred_at).unwrap(),
        booked_on: row.booked_on,
        recorded_at: Timestamp::from_micros(row.recorded_at).unwrap(),
        postings: &postings,
    };
    link(previous, seq, &journal)
}

fn head(rows: &[Row]) -> ChainHash {
    rows.iter()
        .zip(1..)
        .fold(GENESIS, |previous, (row, seq)| link_row(previous, seq, row))
}

#[test]
fn the_bytes_that_are_hashed_never_change() {
    assert_eq!(
        head(&[row(1), row(2)]).to_string(),
        "dd05d3e2cecaefc7936d92ff143ac47ca3c03501b1d162df81ea6c5ca87e390d"
    );
}

#[test]
fn every_field_of_a_journal_is_covered() {
    let changes: [fn(&mut Row); 15] = [
        |r| r.id += 1,
        |r| r.event.push('x'),
        |r| r.reference.push('x'),
        |r| r.description.clear(),
        |r| r.occurred_at += 1,
        |r| r.booked_on = r.booked_on.succ_opt().unwrap(),
        |r| r.recorded_at += 1,
        |r| r.postings[0].0.push('x'),
        |r| r.postings[0].1 += 1,
        |r| r.postings[1].1 = -r.postings[1].1,
        |r| r.postings[2].2 = "NOK".into(),
        |r| r.postings.swap(0, 1),
        |r| drop(r.postings.pop()),
        |r| r.postings.push(("liabilities:vat".into(), 1, "SEK".into())),
        |r| r.postings.clear(),
    ];
    let mut heads = vec![link_row(GENESIS, 1, &row(1))];
    for change in changes {
        let mut changed = row(1);
        change(&mut changed);
        assert!(changed != row(1));
        heads.push(link_row(GENESIS, 1, &changed));
    }
    let distinct: std::collections::HashSet<ChainHash> = heads.iter().copied().collect();
    assert_eq!(distinct.len(), heads.len());
}

#[test]
fn a_journal_s_number_and_predecessor_are_covered() {
    let first = link_row(GENESIS, 1, &row(1));
    assert_ne!(first, link_row(GENESIS, 2, &row(1)));
    assert_ne!(first, link_row(first, 1, &row(1)));
}

#[test]
fn text_moved_from_one_field_to_the_next_is_noticed() {
    let with = |reference: &str, description: &str| {
        let (reference, description) = (reference.into(), description.into());
        link_row(
            GENESIS,
            1,
            &Row {
                reference,
                description,
                ..row(1)
            },
        )
    };
    assert_ne!(with("a;b", "c"), with("a", "b;c"));
    assert_ne!(with("ab", ""), with("a", "b"));
    assert_ne!(with("", "ab"), with("ab", ""));
}

#[test]
fn swapping_inserting_or_dropping_journals_changes_the_head() {
    let rows = [row(1), row(2), row(3)];
    let whole = head(&rows);
    assert_ne!(whole, head(&[row(2), row(1), row(3)]));
    assert_ne!(whole, head(&[row(1), row(3)]));
    assert_ne!(whole, head(&rows[..2]));
    assert_ne!(whole, head(&[row(1), row(2), row(2), row(3)]));
    assert_eq!(whole, head(&rows.clone()));
}

#[test]
fn a_change_long_ago_shows_in_the_head_of_today() {
    let rows: Vec<Row> = (1..=50).map(row).collect();
    let mut tampered = rows.clone();
    tampered[3].postings[0].1 += 1;
    assert_ne!(head(&rows), head(&tampered));
}

#[test]
fn hashes_are_read_back_from_what_they_print() {
    let hash = head(&[row(1)]);
    assert_eq!(ChainHash::parse(&hash.to_string()), Some(hash));
    let text = hash.to_string();
    for bad in [
        &text[1..],
        &text.to_uppercase(),
        &format!("{text}0"),
        "",
        &"é".repeat(32),
    ] {
        assert_eq!(ChainHash::parse(bad), None, "{bad}");
    }
}

//! Lines of bank statements onto their rows: each once, whatever files tell it. Formats keep more or less
//! of a line's words, so that all that any of them says is put together, in a fixed order.

use super::super::Failure;
use crate::store::WriteTx;
use crate::store::rows::{BankLine as Row, StatementFile};
use avstem_domain::statement::bank::{BankLine, EntryState};
use std::collections::{BTreeMap, BTreeSet};

/// Stores a batch. What is not booked yet is no money.
pub fn store(
    tx: &mut WriteTx<'_>,
    file: &StatementFile,
    lines: &[BankLine],
) -> Result<(), Failure> {
    let booked = lines.iter().filter(|line| line.state == EntryState::Booked);
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for line in booked {
        rows.insert(line.id.to_string(), row(file, line)?);
    }
    let ids: Vec<String> = rows.keys().cloned().collect();
    for kept in tx.bank_lines_by_ids(&file.owner, &ids)? {
        let Some(told) = rows.remove(&kept.id) else {
            continue;
        };
        let together = together(&kept, told)?;
        if together != kept {
            rows.insert(together.id.clone(), together);
        }
    }
    let rows: Vec<Row> = rows.into_values().collect();
    Ok(tx.save_bank_lines(&rows)?)
}

fn row(file: &StatementFile, line: &BankLine) -> Result<Row, Failure> {
    Ok(Row {
        account: file.owner.clone(),
        id: line.id.to_string(),
        file_id: file.id.clone(),
        row_number: i64::try_from(line.row).unwrap_or(i64::MAX),
        booked_on: line.booked_on.to_string(),
        value_date: line.value_date.map(|day| day.to_string()),
        amount: line.amount.minor(),
        currency: line.amount.currency().code().to_owned(),
        bank_reference: line.bank_reference.clone(),
        charges: line.charges.map(|kept| kept.minor()),
        counterparty: line.counterparty.clone(),
        text: line.text.clone(),
        words: json(&words_of(line)),
        standing: "new".to_owned(),
    })
}

/// Everything that a line and its parts say.
fn words_of(line: &BankLine) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut add = |text: &str| {
        if !text.is_empty() {
            words.insert(text.to_owned());
        }
    };
    add(&line.text);
    for text in [&line.counterparty, &line.bank_reference]
        .into_iter()
        .flatten()
    {
        add(text);
    }
    for reference in &line.references {
        add(&reference.text);
    }
    for part in &line.transactions {
        add(&part.text);
        for text in [&part.counterparty, &part.bank_reference]
            .into_iter()
            .flatten()
        {
            add(text);
        }
        for reference in &part.references {
            add(&reference.text);
        }
    }
    words
}

fn json(words: &BTreeSet<String>) -> String {
    serde_json::Value::from(words.iter().cloned().collect::<Vec<_>>()).to_string()
}

pub fn words(row: &Row) -> Result<BTreeSet<String>, Failure> {
    serde_json::from_str(&row.words).map_err(|e| Failure::unreadable("a bank line's words", e))
}

/// The line as both files tell it, the same whichever came first.
fn together(kept: &Row, told: Row) -> Result<Row, Failure> {
    let mut all = words(kept)?;
    all.extend(words(&told)?);
    let mut row = kept.clone();
    row.words = json(&all);
    row.text = fuller(&kept.text, &told.text).to_owned();
    row.counterparty = fuller_some(&kept.counterparty, &told.counterparty);
    row.bank_reference = fuller_some(&kept.bank_reference, &told.bank_reference);
    row.value_date = row.value_date.or(told.value_date);
    row.charges = row.charges.or(told.charges);
    // Words that were missing may tell what it is.
    if row.words != kept.words && kept.standing != "matched" {
        row.standing = "new".to_owned();
    }
    Ok(row)
}

/// The longer text; of two as long, the one that sorts first.
fn fuller<'t>(one: &'t str, other: &'t str) -> &'t str {
    let key = |text: &'t str| (std::cmp::Reverse(text.chars().count()), text);
    if key(one) <= key(other) { one } else { other }
}

fn fuller_some(one: &Option<String>, other: &Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(fuller(one, other).to_owned()),
        (one, other) => one.clone().or_else(|| other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fuller_text_is_the_same_whichever_came_first() {
        for (one, other, fullest) in [
            ("Öberg Åsa", "OBERG", "Öberg Åsa"),
            ("ab", "ba", "ab"),
            ("", "x", "x"),
        ] {
            assert_eq!(fuller(one, other), fullest);
            assert_eq!(fuller(other, one), fullest);
        }
        assert_eq!(fuller_some(&None, &Some("x".into())), Some("x".into()));
    }
}

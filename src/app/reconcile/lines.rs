//! Lines of reports against our records, a page of lines at a time.

use super::super::Failure;
use super::super::books::{money, time};
use super::super::breaks::Raising;
use super::super::statements::rows;
use super::report::Report;
use super::scope::Scope;
use crate::store::WriteTx;
use crate::store::rows::{Charge, Match, PayoutPosition, ProviderLine, Refund};
use avstem_domain::id::ProviderObjectId;
use avstem_domain::matching::input::{Coverage, Input, Record, RecordKind, RecordState, Role};
use avstem_domain::matching::outcome::{Counterpart, Item, Outcome};
use avstem_domain::matching::run;
use avstem_domain::money::Money;
use std::collections::{BTreeMap, BTreeSet};

/// Lines in one transaction, with all others about the same objects.
const PAGE: usize = 2_000;

/// Judges lines by their numbers; returns how many more of the connection's have a counterpart now.
pub fn judge(
    scope: &Scope<'_>,
    raising: &Raising<'_>,
    connection: &str,
    to_judge: &[i64],
    report: &mut Report,
) -> Result<i64, Failure> {
    let through = scope.through.to_string();
    let mut matched = 0i64;
    for numbers in to_judge.chunks(PAGE) {
        let (more, expected) = scope.app.store.write(|tx| {
            let mut lines = tx.lines_by_seqs(numbers)?;
            // Lines about one object are judged together, with whichever of them comes first.
            lines.retain(|line| matches!(line.standing.as_str(), "new" | "open"));
            let judged = Page::load(tx, connection, &through, lines)?.judge(scope)?;
            let more = write(tx, scope, raising, &judged)?;
            Ok::<_, Failure>((more, judged.0.expected))
        })?;
        for one in &expected {
            report.expect(one, &reference(&one.subject));
        }
        matched = matched.saturating_add(more);
    }
    Ok(matched)
}

/// The provider's or the bank's id of something.
pub fn reference(item: &Item) -> String {
    match item {
        Item::Line(_, id) => id.to_string(),
        Item::Record(_, id) => id.to_string(),
        Item::Payout(_, id) => id.to_string(),
        Item::Entry(id) => id.to_string(),
        Item::Object(_, _, id) => id.to_string(),
    }
}

/// Lines of a page by id, and what they came to.
type Judged = (Outcome, BTreeMap<String, ProviderLine>);

struct Page {
    lines: BTreeMap<String, ProviderLine>,
    input: Input,
}

impl Page {
    fn load(
        tx: &mut WriteTx<'_>,
        connection: &str,
        through: &str,
        lines: Vec<ProviderLine>,
    ) -> Result<Self, Failure> {
        let sources: BTreeSet<String> = lines.iter().filter_map(|one| one.source.clone()).collect();
        let sources: Vec<String> = sources.into_iter().collect();
        let of_opinions = lines.iter().filter(|line| line.role == "opinion");
        let charges: BTreeSet<String> = of_opinions.filter_map(|one| one.charge.clone()).collect();
        let charges: Vec<String> = charges.into_iter().collect();
        let mut all: BTreeMap<String, ProviderLine> = BTreeMap::new();
        let alike = tx.lines_by_sources(connection, &sources)?;
        for line in alike.into_iter().chain(lines) {
            if line.day.as_str() <= through {
                all.insert(line.id.clone(), line);
            }
        }
        let context = tx.lines_by_charges(connection, &charges)?;
        let input = Input {
            lines: all.values().map(rows::line).collect::<Result<_, _>>()?,
            context: context.iter().map(rows::line).collect::<Result<_, _>>()?,
            records: records(tx, connection, &sources, &all)?,
            ..Input::default()
        };
        Ok(Self { lines: all, input })
    }

    fn judge(self, scope: &Scope<'_>) -> Result<Judged, Failure> {
        Ok((run(&self.input, scope.rules())?, self.lines))
    }
}

/// Everything that lines of a page could be about.
fn records(
    tx: &mut WriteTx<'_>,
    connection: &str,
    sources: &[String],
    lines: &BTreeMap<String, ProviderLine>,
) -> Result<Vec<Record>, Failure> {
    let mut found = Vec::new();
    for charge in tx.charges_by_provider_ids(connection, sources)? {
        found.push(of_charge(&charge)?);
    }
    for refund in tx.refunds_by_provider_ids(connection, sources)? {
        found.extend(of_refund(&refund)?);
    }
    let mut told = BTreeSet::new();
    let returned: BTreeSet<&String> = lines
        .values()
        .filter(|line| line.kind == "payout_returned")
        .filter_map(|line| line.source.as_ref())
        .collect();
    for payout in tx.payouts_by_provider_ids(connection, sources)? {
        let amount = money(payout.amount, &payout.currency)?;
        told.insert(payout.provider_id.clone());
        // A payout that takes another one back may be told as that one's return.
        let is_return = amount.minor() < 0 && returned.contains(&payout.provider_id);
        let moves = if is_return {
            amount
        } else {
            amount.checked_neg()?
        };
        found.push(record(
            connection,
            &payout.provider_id,
            RecordKind::Payout,
            if is_return {
                RecordState::CameBack
            } else {
                state(&payout.status)
            },
            moves,
        )?);
    }
    for position in tx.payout_positions_by_ids(connection, sources)? {
        if !told.contains(&position.provider_id) {
            found.push(of_position(connection, &position)?);
        }
    }
    let ids: Vec<String> = lines.keys().cloned().collect();
    for (movement, dispute) in tx.movements_by_ids(connection, &ids)? {
        let amount = money(movement.amount, &dispute.currency)?;
        let moves = if movement.direction == "withdrawn" {
            amount.checked_neg()?
        } else {
            amount
        };
        let kind = RecordKind::DisputeMovement { fee: movement.fee };
        let moved = RecordState::Moved;
        found.push(record(
            connection,
            &movement.provider_id,
            kind,
            moved,
            moves,
        )?);
    }
    Ok(found)
}

pub fn of_charge(charge: &Charge) -> Result<Record, Failure> {
    let state = if charge.booked_as.is_some() {
        RecordState::Moved
    } else {
        RecordState::Unmoved
    };
    let moves = money(charge.amount, &charge.currency)?;
    let kind = RecordKind::Charge;
    record(&charge.connection, &charge.provider_id, kind, state, moves)
}

/// `None` for one that the provider does not know of.
pub fn of_refund(refund: &Refund) -> Result<Option<Record>, Failure> {
    let Some(id) = &refund.provider_id else {
        return Ok(None);
    };
    let moves = money(refund.amount, &refund.currency)?.checked_neg()?;
    let kind = RecordKind::Refund;
    record(&refund.connection, id, kind, state(&refund.state), moves).map(Some)
}

fn of_position(connection: &str, position: &PayoutPosition) -> Result<Record, Failure> {
    let moves = money(position.amount, &position.currency)?.checked_neg()?;
    record(
        connection,
        &position.provider_id,
        RecordKind::Payout,
        if position.came_back {
            RecordState::CameBack
        } else {
            RecordState::Moved
        },
        moves,
    )
}

/// Of a refund or payout, by the provider's word for how it stands.
fn state(word: &str) -> RecordState {
    if matches!(word, "failed" | "canceled") {
        RecordState::CameBack
    } else {
        RecordState::Moved
    }
}

pub fn record(
    connection: &str,
    id: &str,
    kind: RecordKind,
    state: RecordState,
    moves: Money,
) -> Result<Record, Failure> {
    Ok(Record {
        connection: rows::connection(connection)?,
        id: ProviderObjectId::parse(id).map_err(|e| Failure::unreadable("an object's id", e))?,
        kind,
        state,
        moves,
        on: chrono::NaiveDate::default(),
        // Whether a report must tell of it is asked where all that none tells of is looked at.
        coverage: Coverage::NotYet,
    })
}

/// Writes what became of the lines, and returns how many more are matched. Records are judged by themselves.
fn write(
    tx: &mut WriteTx<'_>,
    scope: &Scope<'_>,
    raising: &Raising<'_>,
    (outcome, lines): &Judged,
) -> Result<i64, Failure> {
    let mut changed: BTreeMap<String, ProviderLine> = BTreeMap::new();
    let mut more = 0i64;
    let mut stand = |id: &str, standing: &str| {
        let line = lines.get(id)?;
        if line.standing != standing {
            if standing == "matched" {
                more = more.saturating_add(1);
            } else if line.standing == "matched" {
                more = more.saturating_sub(1);
            }
            let mut line = line.clone();
            standing.clone_into(&mut line.standing);
            changed.insert(id.to_owned(), line);
        }
        Some(line)
    };
    let (mut matches, mut settled) = (Vec::new(), Vec::new());
    for one in &outcome.matches {
        let Item::Line(_, id) = &one.item else {
            continue;
        };
        let Some(line) = stand(id.as_str(), "matched") else {
            continue;
        };
        if line.standing == "matched" {
            continue;
        }
        settled.push(one.item.to_string());
        matches.push(matched(scope, line, &one.counterpart, one.pass));
    }
    let mut findings = Vec::new();
    for one in &outcome.findings {
        if let Item::Line(_, id) = &one.subject {
            stand(id.as_str(), "open");
            findings.push(one.clone());
        }
    }
    for one in &outcome.expected {
        if let Item::Line(_, id) = &one.subject {
            stand(id.as_str(), "open");
        }
    }
    for one in &outcome.unrelated {
        if let Item::Line(_, id) = one {
            stand(id.as_str(), "told");
        }
    }
    let changed: Vec<ProviderLine> = changed.into_values().collect();
    tx.save_provider_lines(&changed)?;
    tx.add_matches(&matches)?;
    raising.settle(tx, settled)?;
    raising.raise(tx, &findings)?;
    Ok(more)
}

fn matched(scope: &Scope<'_>, line: &ProviderLine, counterpart: &Counterpart, pass: &str) -> Match {
    let (kind, id) = match counterpart {
        Counterpart::Record(id) => ("record", id.to_string()),
        Counterpart::Payout(_, id) => ("payout", id.to_string()),
        Counterpart::Books => ("books", line.id.clone()),
        Counterpart::Movement(id) => ("line", id.to_string()),
    };
    Match {
        side: "settlement".to_owned(),
        owner: line.connection.clone(),
        line_id: line.id.clone(),
        counterpart: id,
        counterpart_kind: kind.to_owned(),
        connection: line.connection.clone(),
        amount: line.net,
        bank_fee: 0,
        currency: line.currency.clone(),
        day: line.day.clone(),
        pass: pass.to_owned(),
        reconciliation_id: scope.id.clone(),
    }
}

/// Whether a line moves our balance.
pub fn moves(line: &ProviderLine) -> Result<bool, Failure> {
    Ok(rows::role(line)? == Role::Movement)
}

/// The day on which something happened, in the time zone of the books.
pub fn day_of(scope: &Scope<'_>, micros: i64) -> Result<chrono::NaiveDate, Failure> {
    Ok(time(micros)?.date_in(scope.app.config.time_zone))
}

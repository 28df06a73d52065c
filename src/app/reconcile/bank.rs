//! Bank lines and payouts: what is paired is booked, what is not is expected, none of ours, or a break.

use super::super::Failure;
use super::super::books::{EffectKey, JournalRows, money};
use super::super::breaks::Raising;
use super::super::statements::bank_lines::words;
use super::super::statements::rows::{connection, day};
use super::lines::reference;
use super::payouts::{payout, refresh, rest};
use super::report::Report;
use super::scope::Scope;
use crate::store::WriteTx;
use crate::store::rows::{BankLine, Match, PayoutPosition};
use avstem_domain::id::JournalId;
use avstem_domain::ledger::account::BankAccount;
use avstem_domain::ledger::posting::{self, Occasion};
use avstem_domain::matching::input::{Entry, Input, Name};
use avstem_domain::matching::outcome::{Counterpart, Finding, Item, Match as Pair, Outcome};
use avstem_domain::matching::run;
use avstem_domain::statement::bank_id::BankLineId;
use avstem_domain::time::start_of_day;
use chrono::Days;
use std::collections::BTreeMap;

/// How long before the oldest payout on its way a bank line can be about it.
const DAYS_BEFORE: u64 = 10;

/// Positions of every connection, by connection and the provider's id.
type Positions = BTreeMap<(String, String), PayoutPosition>;
/// Bank lines by what tells them apart.
type Lines = BTreeMap<String, BankLine>;

/// Looks at all connections together, for one account has the payouts of all; changes only what is in scope.
pub fn judge(scope: &Scope<'_>, raising: &Raising<'_>, report: &mut Report) -> Result<(), Failure> {
    let outcome = scope.app.store.write(|tx| {
        let (positions, lines) = load(tx, scope)?;
        let outcome = run(&input(scope, &positions, &lines)?, scope.rules())?;
        write(tx, scope, raising, positions, lines, &outcome)?;
        Ok::<_, Failure>(outcome)
    })?;
    for one in &outcome.expected {
        if scope.covers(Some(one.connection.as_str())) {
            report.expect(one, &reference(&one.subject));
        }
    }
    Ok(())
}

fn load(tx: &mut WriteTx<'_>, scope: &Scope<'_>) -> Result<(Positions, Lines), Failure> {
    let mut positions = Positions::new();
    for name in scope.app.config.connections.keys() {
        for (id, position) in refresh(tx, scope, name)? {
            if day(&position.sent_on)? <= scope.through {
                positions.insert((name.clone(), id), position);
            }
        }
    }
    let open = positions.values().filter(|position| rest(position) != 0);
    let oldest = open.map(|position| day(&position.arrival_on));
    let mut from = scope.through;
    for arrival in oldest {
        from = from.min(arrival?);
    }
    let from = from
        .checked_sub_days(Days::new(DAYS_BEFORE))
        .unwrap_or(from);
    let found = tx.bank_lines_to_judge(&from.to_string(), &scope.through.to_string())?;
    let lines = found.into_iter().map(|line| (line.id.clone(), line));
    Ok((positions, lines.collect()))
}

fn input(scope: &Scope<'_>, positions: &Positions, lines: &Lines) -> Result<Input, Failure> {
    let mut names = Vec::new();
    for (name, settings) in &scope.app.config.connections {
        names.push(Name {
            connection: connection(name)?,
            text: settings.bank_text.clone(),
        });
    }
    Ok(Input {
        payouts: positions.values().map(payout).collect::<Result<_, _>>()?,
        entries: lines.values().map(entry).collect::<Result<_, _>>()?,
        names,
        ..Input::default()
    })
}

fn entry(line: &BankLine) -> Result<Entry, Failure> {
    let charges = line.charges.map(|minor| money(minor, &line.currency));
    Ok(Entry {
        id: BankLineId::from_text(&line.id),
        reference: line.bank_reference.clone(),
        booked_on: day(&line.booked_on)?,
        amount: money(line.amount, &line.currency)?,
        charges: charges.transpose()?,
        words: words(line)?.into_iter().collect(),
    })
}

fn write(
    tx: &mut WriteTx<'_>,
    scope: &Scope<'_>,
    raising: &Raising<'_>,
    mut positions: Positions,
    lines: Lines,
    outcome: &Outcome,
) -> Result<(), Failure> {
    let mut journals = JournalRows::default();
    let (mut matches, mut settled) = (Vec::new(), Vec::new());
    let (mut changed, mut moved) = (Lines::new(), Positions::new());
    for pair in &outcome.matches {
        let (Item::Entry(id), Counterpart::Payout(of, payout)) = (&pair.item, &pair.counterpart)
        else {
            continue;
        };
        let key = (of.to_string(), payout.to_string());
        let (Some(line), Some(position)) = (lines.get(id.as_str()), positions.get_mut(&key)) else {
            continue;
        };
        if !scope.covers(Some(of.as_str())) {
            continue;
        }
        book(scope, &mut journals, line, position, pair)?;
        matches.push(matched(scope, line, position, pair));
        let came = pair.amount.checked_add(pair.bank_fee)?.minor();
        position.came = position.came.saturating_add(came);
        if rest(position) == 0 {
            settled.push(Item::Payout(of.clone(), payout.clone()).to_string());
        }
        settled.push(pair.item.to_string());
        moved.insert(key, position.clone());
        stand(&mut changed, line, "matched");
    }
    let ours = |finding: &&Finding| {
        let of = finding.connection.as_ref();
        scope.covers(of.map(|of| of.as_str()))
    };
    let findings: Vec<Finding> = outcome.findings.iter().filter(ours).cloned().collect();
    for finding in &findings {
        if let Item::Entry(id) = &finding.subject
            && let Some(line) = lines.get(id.as_str())
        {
            stand(&mut changed, line, "open");
        }
    }
    for item in &outcome.unrelated {
        if let Item::Entry(id) = item
            && let Some(line) = lines.get(id.as_str())
        {
            stand(&mut changed, line, "unrelated");
            settled.push(item.to_string());
        }
    }
    journals.write(tx)?;
    tx.add_matches(&matches)?;
    tx.save_payout_positions(&moved.into_values().collect::<Vec<_>>())?;
    tx.save_bank_lines(&changed.into_values().collect::<Vec<_>>())?;
    raising.settle(tx, settled)?;
    raising.raise(tx, &findings)?;
    Ok(())
}

fn stand(changed: &mut Lines, line: &BankLine, standing: &str) {
    if line.standing != standing {
        let mut line = line.clone();
        standing.clone_into(&mut line.standing);
        changed.insert(line.id.clone(), line);
    }
}

fn book(
    scope: &Scope<'_>,
    journals: &mut JournalRows,
    line: &BankLine,
    position: &PayoutPosition,
    pair: &Pair,
) -> Result<(), Failure> {
    let app = scope.app;
    let connection = connection(&position.connection)?;
    let account =
        BankAccount::parse(&line.account).map_err(|e| Failure::unreadable("bank account", e))?;
    let occasion = Occasion {
        connection: &connection,
        reference: &position.provider_id,
        occurred_at: start_of_day(day(&line.booked_on)?, app.config.time_zone),
    };
    let journal = posting::bank_line_matched(occasion, &account, pair.amount, pair.bank_fee)?;
    let key = EffectKey {
        connection: &position.connection,
        object: &position.provider_id,
        effect: &format!("bank_line_matched/{}", line.id),
    };
    let id = JournalId::from_uuid(app.clock.uuid());
    journals.add(id, &journal, &key, app.clock.now(), app.config.time_zone);
    Ok(())
}

fn matched(scope: &Scope<'_>, line: &BankLine, position: &PayoutPosition, pair: &Pair) -> Match {
    Match {
        side: "bank".to_owned(),
        owner: line.account.clone(),
        line_id: line.id.clone(),
        counterpart: position.provider_id.clone(),
        counterpart_kind: "payout".to_owned(),
        connection: position.connection.clone(),
        amount: pair.amount.minor(),
        bank_fee: pair.bank_fee.minor(),
        currency: line.currency.clone(),
        day: line.booked_on.clone(),
        pass: pair.pass.to_owned(),
        reconciliation_id: scope.id.clone(),
    }
}

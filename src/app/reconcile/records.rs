//! Records of ours that no report tells of: expected while no report covers their time, and breaks once one
//! does. What the provider does not know cannot be on its account: it is set against suspense until it is.

use super::super::Failure;
use super::super::books::{EffectKey, JournalRows, money, numbered};
use super::super::breaks::{Raising, found_again};
use super::lines::{day_of, of_charge, of_refund, record, reference};
use super::report::Report;
use super::scope::Scope;
use crate::store::rows::{Break, BreakEvent, Effect, Unreported};
use crate::store::{ReadTx, WriteTx};
use avstem_domain::breaks::BreakKind;
use avstem_domain::id::JournalId;
use avstem_domain::ledger::posting::{self, Occasion};
use avstem_domain::matching::input::{Coverage, Input, Record, RecordKind, RecordState};
use avstem_domain::matching::outcome::Finding;
use avstem_domain::matching::run;
use avstem_domain::time::{Timestamp, start_of_day};
use std::collections::BTreeSet;
use std::ops::Range;

const PAGE: i64 = 500;

/// Reports by payout or batch: what they do not have yet may come with the next one.
const BY_PAYOUT: &[&str] = &["stripe_payout_reconciliation", "adyen_settlement"];
/// Reports that tell of no charges at all.
const OF_PAYOUTS_ONLY: &[&str] = &["stripe_payouts", "adyen_accounting"];
/// What we asked the provider of one payout: it says nothing of what is in another.
const OF_ONE_PAYOUT: &[&str] = &["stripe_balance_transactions"];

const MICROS_A_DAY: i64 = 86_400_000_000;

/// From when to when reports tell everything, in microseconds; the end is not included.
pub struct Covered {
    pub from: i64,
    pub until: i64,
}

/// `None` while no report was taken in.
pub fn covered(
    tx: &mut ReadTx<'_>,
    scope: &Scope<'_>,
    connection: &str,
) -> Result<Option<Covered>, Failure> {
    let Some(from) = tx.first_line_at(connection)? else {
        return Ok(None);
    };
    let lag = i64::from(scope.app.config.reconciliation.bank_days).saturating_mul(MICROS_A_DAY);
    let files = tx.statement_files_of("settlement")?;
    let until = files
        .into_iter()
        .filter(|file| file.owner == connection && file.state == "stored")
        .filter(|file| !OF_PAYOUTS_ONLY.contains(&file.format.as_str()))
        .filter(|file| !OF_ONE_PAYOUT.contains(&file.format.as_str()))
        .filter_map(|file| {
            let newest = file.covers_until?;
            Some(if BY_PAYOUT.contains(&file.format.as_str()) {
                newest.saturating_sub(lag)
            } else {
                newest
            })
        })
        .max()
        .unwrap_or(from);
    Ok(Some(Covered { from, until }))
}

/// Judges the records of a connection of which reports must tell.
pub struct Judging<'j> {
    scope: &'j Scope<'j>,
    raising: &'j Raising<'j>,
    connection: &'j str,
    covered: Covered,
    /// The end of the last day that counts, in microseconds; not included.
    end: i64,
    /// What was found to be missing, by subject.
    missing: BTreeSet<String>,
}

impl<'j> Judging<'j> {
    /// `None` while no report was taken in.
    pub fn of(
        scope: &'j Scope<'j>,
        raising: &'j Raising<'j>,
        connection: &'j str,
    ) -> Result<Option<Self>, Failure> {
        let covered = scope.app.store.read(|tx| covered(tx, scope, connection))?;
        let day_after = scope.through.succ_opt().unwrap_or(scope.through);
        let end = start_of_day(day_after, scope.app.config.time_zone).as_micros();
        Ok(covered.map(|covered| Self {
            scope,
            raising,
            connection,
            covered,
            end,
            missing: BTreeSet::new(),
        }))
    }

    /// When records were made of which reports must tell.
    pub const fn made(&self) -> Range<i64> {
        self.covered.from..self.end
    }

    /// Charges that no line was about when they were looked at.
    pub fn charges(&mut self, ids: &[String], report: &mut Report) -> Result<(), Failure> {
        self.page(Kind::Charges, report, |tx, scope, asked, due_until| {
            let mut page = Page::default();
            let through = scope.through.to_string();
            let asked = asked.through(&through);
            for charge in tx.charges_unreported_of(asked, ids)? {
                page.add(scope, of_charge(&charge)?, charge.created_at, due_until)?;
            }
            Ok(page)
        })
        .map(drop)
    }

    /// Everything else, and what is not missing any more.
    pub fn others(mut self, report: &mut Report) -> Result<(), Failure> {
        for kind in [Kind::Refunds, Kind::Movements] {
            let mut after = String::new();
            while let Some(last) = self.page(kind, report, |tx, scope, asked, due_until| {
                let after = &after;
                unreported(tx, scope, kind, Asked { after, ..asked }, due_until)
            })? {
                after = last;
            }
        }
        let Self {
            scope,
            raising,
            connection,
            missing,
            ..
        } = self;
        let store = &scope.app.store;
        store.write(|tx| forget(tx, scope, raising, connection, &missing))
    }

    /// Judges what `read` finds, in one transaction; returns where the next page begins.
    fn page(
        &mut self,
        kind: Kind,
        report: &mut Report,
        read: impl Fn(&mut ReadTx<'_>, &Scope<'_>, Asked<'_>, i64) -> Result<Page, Failure>,
    ) -> Result<Option<String>, Failure> {
        let (scope, raising) = (self.scope, self.raising);
        let asked = Asked {
            connection: self.connection,
            from: self.covered.from,
            to: self.end,
            after: "",
        };
        let (last, outcome) = scope.app.store.write(|tx| {
            let page = read(tx, scope, asked, self.covered.until)?;
            let input = Input {
                records: page.records,
                ..Input::default()
            };
            let outcome = run(&input, scope.rules())?;
            raise(tx, scope, raising, kind, outcome.findings.clone())?;
            Ok::<_, Failure>((page.last, outcome))
        })?;
        let subjects = outcome.findings.iter().map(|one| one.subject.to_string());
        self.missing.extend(subjects);
        for one in &outcome.expected {
            report.expect(one, &reference(&one.subject));
        }
        Ok(last)
    }
}

#[derive(Clone, Copy)]
pub enum Kind {
    Charges,
    Refunds,
    Movements,
}

/// Whose records, of which time, after which id.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub connection: &'a str,
    pub from: i64,
    pub to: i64,
    pub after: &'a str,
}

impl<'a> Asked<'a> {
    fn through(self, day: &'a str) -> Unreported<'a> {
        Unreported {
            connection: self.connection,
            from: self.from,
            to: self.to,
            through: day,
            after: self.after,
            limit: PAGE,
        }
    }
}

/// A page of records without a line.
#[derive(Default)]
pub struct Page {
    pub records: Vec<Record>,
    /// Where the next one begins; `None` after the last.
    pub last: Option<String>,
}

impl Page {
    fn add(
        &mut self,
        scope: &Scope<'_>,
        record: Record,
        at: i64,
        due_until: i64,
    ) -> Result<(), Failure> {
        let coverage = if at < due_until {
            Coverage::Due
        } else {
            Coverage::NotYet
        };
        self.last = Some(record.id.to_string());
        self.records.push(Record {
            on: day_of(scope, at)?,
            coverage,
            ..record
        });
        Ok(())
    }
}

/// Records in the order of their ids. Refunds that are only asked for are among them once a report must tell
/// of them; before that they have moved nothing.
pub fn unreported(
    tx: &mut ReadTx<'_>,
    scope: &Scope<'_>,
    kind: Kind,
    asked: Asked<'_>,
    due_until: i64,
) -> Result<Page, Failure> {
    let through = scope.through.to_string();
    let asked = asked.through(&through);
    let mut page = Page::default();
    let mut asked_for = BTreeSet::new();
    match kind {
        Kind::Charges => {
            for charge in tx.charges_unreported(asked)? {
                page.add(scope, of_charge(&charge)?, charge.created_at, due_until)?;
            }
        }
        Kind::Refunds => {
            for refund in tx.refunds_unreported(asked)? {
                if let Some(record) = of_refund(&refund)? {
                    page.add(scope, record, refund.created_at, due_until)?;
                }
                asked_for.extend(refund.provider_id.filter(|_| refund.state == "submitted"));
            }
        }
        Kind::Movements => {
            for (movement, dispute) in tx.movements_unreported(asked)? {
                let amount = money(movement.amount, &dispute.currency)?;
                let moves = if movement.direction == "withdrawn" {
                    amount.checked_neg()?
                } else {
                    amount
                };
                let kind = RecordKind::DisputeMovement { fee: movement.fee };
                let moved = RecordState::Moved;
                let id = &movement.provider_id;
                let record = record(asked.connection, id, kind, moved, moves)?;
                page.add(scope, record, movement.moved_at, due_until)?;
            }
        }
    }
    let may_wait = |record: &Record| {
        record.coverage == Coverage::NotYet && asked_for.contains(record.id.as_str())
    };
    page.records.retain(|record| !may_wait(record));
    Ok(page)
}

/// Raises what is missing, and sets it against suspense.
fn raise(
    tx: &mut WriteTx<'_>,
    scope: &Scope<'_>,
    raising: &Raising<'_>,
    kind: Kind,
    mut findings: Vec<Finding>,
) -> Result<(), Failure> {
    let mut moved = Vec::new();
    for finding in &mut findings {
        let Some(connection) = &finding.connection else {
            continue;
        };
        let objects = std::slice::from_ref(&finding.reference);
        let booked = tx.effects_of(connection.as_str(), objects)?;
        let times = |effect: &str| {
            let name = |one: &&Effect| one.effect.split('/').next() == Some(effect);
            booked.iter().filter(name).count()
        };
        let (missed, found) = (times("missing_at_provider"), times("found_at_provider"));
        // A refund that is only decided has taken nothing from the provider's account yet.
        let is_moved = !matches!(kind, Kind::Refunds) || times("refund_succeeded") > 0;
        if !is_moved {
            finding.holding = None;
        } else if missed <= found {
            moved.push((finding.clone(), missed));
        }
    }
    raising.raise(tx, &findings)?;
    for (finding, number) in moved {
        set_against_suspense(tx, scope, &finding, number)?;
    }
    Ok(())
}

fn set_against_suspense(
    tx: &mut WriteTx<'_>,
    scope: &Scope<'_>,
    finding: &Finding,
    number: usize,
) -> Result<(), Failure> {
    let Some(connection) = &finding.connection else {
        return Ok(());
    };
    let app = scope.app;
    let occasion = Occasion {
        connection,
        reference: &finding.reference,
        occurred_at: start_of_day(finding.on, app.config.time_zone),
    };
    let journal = posting::missing_at_provider(occasion, finding.expected)?;
    let mut journals = JournalRows::default();
    let key = EffectKey {
        connection: connection.as_str(),
        object: &finding.reference,
        effect: &numbered("missing_at_provider", number),
    };
    let id = JournalId::from_uuid(app.clock.uuid());
    let (now, zone): (Timestamp, _) = (app.clock.now(), app.config.time_zone);
    journals.add(id, &journal, &key, now, zone);
    journals.write(tx)
}

/// Ends breaks about records that are not missing any more: they came back, or were taken back.
fn forget(
    tx: &mut WriteTx<'_>,
    scope: &Scope<'_>,
    raising: &Raising<'_>,
    connection: &str,
    missing: &BTreeSet<String>,
) -> Result<(), Failure> {
    let kind = BreakKind::MissingAtProvider.as_str();
    let through = scope.through.to_string();
    let mut before: Option<String> = None;
    loop {
        let page = tx.list_breaks(Some("open"), Some(kind), before.as_deref(), PAGE)?;
        let Some((last, _)) = page.last() else {
            return Ok(());
        };
        before = Some(last.id.clone());
        let over: Vec<(Break, BreakEvent)> = page
            .into_iter()
            .filter(|(row, _)| row.connection.as_deref() == Some(connection))
            .filter(|(row, _)| row.opened_on <= through && !missing.contains(&row.subject))
            .collect();
        found_again(tx, raising, &over)?;
    }
}

//! From findings to breaks: new ones are opened, known ones stay, and what a person settled stays settled.

use super::super::{App, Failure};
use super::{BY_ITSELF, Desk, resolution, resolve};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::WriteTx;
use crate::store::rows::{Break, BreakEvent};
use avstem_domain::breaks::{BreakKind, Holding, Resolution};
use avstem_domain::id::BreakId;
use avstem_domain::matching::outcome::Finding;
use avstem_domain::money::Money;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// The run that raises them.
pub struct Raising<'a> {
    pub clock: &'a Clock,
    pub config: &'a Config,
    /// The day that ages count to.
    pub through: NaiveDate,
}

/// What was raised.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Raised {
    /// Findings that are new, or open again.
    pub new: Vec<Finding>,
}

impl<'a> Raising<'a> {
    pub const fn of(app: &'a App, through: NaiveDate) -> Self {
        Self {
            clock: &app.clock,
            config: &app.config,
            through,
        }
    }

    /// Brings the queue to what was found.
    pub fn raise(&self, tx: &mut WriteTx<'_>, findings: &[Finding]) -> Result<Raised, Failure> {
        let known = by_subject(tx, findings.iter().map(|one| one.subject.to_string()))?;
        let mut raised = Raised::default();
        for finding in findings {
            let earlier = known
                .get(&finding.subject.to_string())
                .map_or(&[][..], Vec::as_slice);
            if self.raise_one(tx, finding, earlier, None)? {
                raised.new.push(finding.clone());
            }
        }
        Ok(raised)
    }

    /// Brings the queue to one finding, which is told with a note where it is new.
    pub fn raise_with_note(
        &self,
        tx: &mut WriteTx<'_>,
        finding: &Finding,
        note: String,
    ) -> Result<(), Failure> {
        let subject = finding.subject.to_string();
        let known = by_subject(tx, std::iter::once(subject))?;
        let earlier: Vec<(Break, BreakEvent)> = known.into_values().flatten().collect();
        self.raise_one(tx, finding, &earlier, Some(note)).map(drop)
    }

    fn raise_one(
        &self,
        tx: &mut WriteTx<'_>,
        finding: &Finding,
        earlier: &[(Break, BreakEvent)],
        note: Option<String>,
    ) -> Result<bool, Failure> {
        let open = earlier.iter().filter(|(_, last)| last.state == "open");
        let mut is_open = false;
        for (row, last) in open {
            if says(row, finding) {
                is_open = true;
            } else {
                let why = "what was found has changed; another break says how";
                self.end(tx, row, last, why)?;
            }
        }
        if is_open {
            return Ok(false);
        }
        let same = earlier.iter().rev().find(|(row, last)| {
            says(row, finding) && last.state == "resolved" && resolution(last).is_some()
        });
        if let Some((row, last)) = same {
            return self.wake(tx, row, last);
        }
        self.open(tx, finding, note)?;
        Ok(true)
    }

    /// What was to be waited for has had its time.
    fn wake(&self, tx: &mut WriteTx<'_>, row: &Break, last: &BreakEvent) -> Result<bool, Failure> {
        let since: NaiveDate = last
            .through
            .parse()
            .map_err(|e| Failure::unreadable("day", e))?;
        let waited = self.through.signed_duration_since(since).num_days();
        let patience = i64::from(self.config.reconciliation.bank_days);
        if resolution(last) != Some(Resolution::Wait) || waited <= patience {
            return Ok(false);
        }
        tx.add_break_events(&[BreakEvent {
            action: "reopened".to_owned(),
            state: "open".to_owned(),
            note: Some(format!("still so after {waited} days")),
            ..super::next(last, self.clock, &self.through.to_string())
        }])?;
        tracing::info!(break.id = %row.id, "Opened break {} again", row.id);
        Ok(true)
    }

    fn open(
        &self,
        tx: &mut WriteTx<'_>,
        finding: &Finding,
        note: Option<String>,
    ) -> Result<(), Failure> {
        let now = self.clock.now().as_micros();
        let row = Break {
            id: BreakId::from_uuid(self.clock.uuid()).to_string(),
            kind: finding.kind.as_str().to_owned(),
            subject: finding.subject.to_string(),
            connection: finding.connection.as_ref().map(ToString::to_string),
            reference: finding.reference.clone(),
            currency: finding.expected.currency().code().to_owned(),
            expected: finding.expected.minor(),
            found: finding.found.minor(),
            found_currency: finding.found.currency().code().to_owned(),
            holding: finding.holding.map(|held| held.as_str().to_owned()),
            opened_on: finding.on.to_string(),
            created_at: now,
        };
        let opened = BreakEvent {
            break_id: row.id.clone(),
            seq: 1,
            action: "opened".to_owned(),
            state: "open".to_owned(),
            resolution: None,
            owner: None,
            note,
            through: self.through.to_string(),
            done_by: BY_ITSELF.to_owned(),
            journal_id: None,
            done_at: now,
        };
        tx.add_breaks(std::slice::from_ref(&row))?;
        tx.add_break_events(std::slice::from_ref(&opened))?;
        tracing::info!(break.id = %row.id, "Opened break {}: {}", row.id, row.kind);
        if self.is_small_bank_fee(finding)? {
            let limit = self.config.reconciliation.bank_fee_below;
            let rule = limit.map_or_else(String::new, |limit| limit.to_string());
            let desk = self.desk();
            let note = format!("by the rule reconciliation.bank_fee_below = {rule}");
            resolve::settle(
                tx,
                &desk,
                (&row, &opened),
                Resolution::BankFee,
                note,
                BY_ITSELF,
            )?;
        }
        Ok(())
    }

    /// Whether a rule of the settings takes a payout that came short for a bank's fee.
    fn is_small_bank_fee(&self, finding: &Finding) -> Result<bool, Failure> {
        let Some(limit) = self.config.reconciliation.bank_fee_below else {
            return Ok(false);
        };
        if finding.kind != BreakKind::PayoutAmountMismatch
            || finding.expected.currency() != limit.currency()
        {
            return Ok(false);
        }
        let short: Money = finding.expected.checked_sub(finding.found)?;
        Ok(short.is_positive() && short.minor() < limit.minor())
    }

    /// Ends what is open about subjects that have found their counterparts.
    pub fn settle(&self, tx: &mut WriteTx<'_>, subjects: Vec<String>) -> Result<(), Failure> {
        for rows in by_subject(tx, subjects.into_iter())?.into_values() {
            for (row, last) in rows.iter().filter(|(_, last)| last.state == "open") {
                self.end(tx, row, last, "both sides agree by now")?;
            }
        }
        Ok(())
    }

    pub(super) fn end(
        &self,
        tx: &mut WriteTx<'_>,
        row: &Break,
        last: &BreakEvent,
        why: &str,
    ) -> Result<(), Failure> {
        tx.add_break_events(&[BreakEvent {
            action: "resolved".to_owned(),
            state: "resolved".to_owned(),
            note: Some(why.to_owned()),
            ..super::next(last, self.clock, &self.through.to_string())
        }])?;
        tracing::info!(break.id = %row.id, "Break {} ended by itself: {why}", row.id);
        Ok(())
    }

    fn desk(&self) -> Desk<'a> {
        Desk {
            clock: self.clock,
            zone: self.config.time_zone,
        }
    }
}

/// Whether a break says what was found.
fn says(row: &Break, finding: &Finding) -> bool {
    row.kind == finding.kind.as_str()
        && (row.expected, row.currency.as_str())
            == (finding.expected.minor(), finding.expected.currency().code())
        && (row.found, row.found_currency.as_str())
            == (finding.found.minor(), finding.found.currency().code())
        && row.holding.as_deref() == finding.holding.map(Holding::as_str)
}

pub(super) fn by_subject(
    tx: &mut WriteTx<'_>,
    subjects: impl Iterator<Item = String>,
) -> Result<BTreeMap<String, Vec<(Break, BreakEvent)>>, Failure> {
    let mut subjects: Vec<String> = subjects.collect();
    subjects.sort();
    subjects.dedup();
    let mut found: BTreeMap<String, Vec<(Break, BreakEvent)>> = BTreeMap::new();
    for (row, last) in tx.breaks_by_subjects(&subjects)? {
        found
            .entry(row.subject.clone())
            .or_default()
            .push((row, last));
    }
    Ok(found)
}

/// Ends the breaks of records that reports know by now, and takes back what was booked for them.
pub fn found_again(
    tx: &mut WriteTx<'_>,
    raising: &Raising<'_>,
    rows: &[(Break, BreakEvent)],
) -> Result<(), Failure> {
    for (row, last) in rows {
        super::ending::clear_missing(tx, &raising.desk(), row)?;
        raising.end(tx, row, last, "it did not move the money after all")?;
    }
    Ok(())
}

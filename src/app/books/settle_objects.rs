//! What the records say of the objects that lines of reports are about, and what a line tells of them
//! that no event did.

use super::super::Failure;
use super::super::statements::rows::{gross, kind, object};
use super::Books;
use super::refund::came_back;
use super::rows::{money, time};
use crate::store::rows::{PayoutPosition, ProviderLine, Refund};
use avstem_domain::ledger::posting;
use avstem_domain::money::Money;
use avstem_domain::statement::LineKind;
use avstem_domain::statement::allotment::Known;

impl Books<'_> {
    /// What the object moves by our records, after the lines have told what only they know.
    pub(super) fn known_of(&mut self, lines: &[ProviderLine]) -> Result<Known, Failure> {
        let Some(first) = lines.first() else {
            return Ok(Known::Nothing);
        };
        let Some(source) = first.source.clone() else {
            return Ok(Known::Nothing);
        };
        match kind(first)? {
            LineKind::Charge => {
                let known = self.known_charge(&source)?;
                self.found_if_moved(first, known)
            }
            LineKind::Refund => {
                let known = self.known_refund(first, &source)?;
                self.found_if_moved(first, known)
            }
            LineKind::RefundFailure => self.known_failure(first, &source),
            LineKind::Payout | LineKind::TopUp => self.known_payout(first, &source),
            LineKind::PayoutReturned => self.known_return(first, &source),
            LineKind::DisputeWithdrawn
            | LineKind::DisputeReinstated
            | LineKind::Fee
            | LineKind::ReserveHeld
            | LineKind::ReserveReleased
            | LineKind::Conversion
            | LineKind::Adjustment
            | LineKind::Memo(_)
            | LineKind::Other(_) => Ok(Known::Nothing),
        }
    }

    fn known_charge(&self, source: &str) -> Result<Known, Failure> {
        match self.charges.get(source) {
            None => Ok(Known::Nothing),
            Some(charge) if charge.booked_as.is_none() => Ok(Known::Unmoved),
            Some(charge) => Ok(Known::Moves(money(charge.amount, &charge.currency)?)),
        }
    }

    /// A refund of ours whose money left by the report has left, whether its event came or not.
    fn known_refund(&mut self, line: &ProviderLine, source: &str) -> Result<Known, Failure> {
        let Some(refund) = self.booked_refund(source) else {
            return Ok(Known::Nothing);
        };
        let amount = money(refund.amount, &refund.currency)?;
        self.book_once(line, "refund_succeeded", |at| {
            posting::refund_succeeded(at, amount)
        })?;
        Ok(Known::Moves(amount.checked_neg()?))
    }

    fn known_failure(&mut self, line: &ProviderLine, source: &str) -> Result<Known, Failure> {
        let Some(refund) = self.booked_refund(source) else {
            return Ok(Known::Nothing);
        };
        let amount = money(refund.amount, &refund.currency)?;
        self.book_once(line, "refund_failed", |at| {
            posting::refund_failed(at, amount)
        })?;
        if !came_back(&refund.state) {
            let day = time(line.occurred_at)?.date_in(self.zone);
            let why = format!(
                "it came back on {day} by the provider's report, and {amount} is still owed to the customer: fetch the refund from the provider, and refund the charge once more or pay it out another way"
            );
            self.amend(&refund, |row| row.attention = Some(why));
        }
        Ok(Known::Moves(amount))
    }

    /// A refund by the provider's id whose decision is in the books.
    fn booked_refund(&self, source: &str) -> Option<Refund> {
        let known = |refund: &&Refund| refund.provider_id.as_deref() == Some(source);
        let refund = self.refunds.values().find(known)?;
        let is_booked = self.is_booked(&refund.id, "refund_decided")
            || self.is_booked(source, "refund_decided");
        is_booked.then(|| refund.clone())
    }

    /// A payout needs no event: the line tells everything.
    fn known_payout(&mut self, line: &ProviderLine, source: &str) -> Result<Known, Failure> {
        let told = self.told_of_payout(source)?;
        let amount = told.unwrap_or(gross(line)?.checked_neg()?);
        if !amount.is_zero() {
            self.book_once(line, "payout_sent", |at| posting::payout_sent(at, amount))?;
        }
        self.place_payout(line, source, amount)?;
        Ok(Known::Moves(amount.checked_neg()?))
    }

    /// A payout that came back, or one that takes an earlier one back and is a payout itself.
    fn known_return(&mut self, line: &ProviderLine, source: &str) -> Result<Known, Failure> {
        let told = self.told_of_payout(source)?;
        if let Some(reversal) = told.filter(|amount| amount.minor() < 0) {
            self.book_once(line, "payout_sent", |at| posting::payout_sent(at, reversal))?;
            return Ok(Known::Moves(reversal.checked_neg()?));
        }
        let amount = told.unwrap_or(gross(line)?);
        if !amount.is_zero() {
            self.book_once(line, "payout_failed", |at| {
                posting::payout_failed(at, amount)
            })?;
        }
        self.place_payout(line, source, amount)?;
        if let Some(position) = self.positions.change(source) {
            position.came_back = true;
        }
        Ok(Known::Moves(amount))
    }

    /// What an event, or lines that the payout took along, said of its amount.
    fn told_of_payout(&self, source: &str) -> Result<Option<Money>, Failure> {
        if let Some(payout) = self.payouts.get(source) {
            return money(payout.amount, &payout.currency).map(Some);
        }
        let position = self.positions.get(source);
        position
            .map(|position| money(position.amount, &position.currency))
            .transpose()
    }

    /// Notes where the payout stands on its way to the bank.
    fn place_payout(
        &mut self,
        line: &ProviderLine,
        source: &str,
        amount: Money,
    ) -> Result<(), Failure> {
        let arrival_on = line.available_on.as_ref().unwrap_or(&line.day).clone();
        let new = |source: &String| PayoutPosition {
            connection: line.connection.clone(),
            provider_id: source.clone(),
            amount: amount.minor(),
            currency: amount.currency().code().to_owned(),
            sent_on: line.day.clone(),
            arrival_on,
            traces: "[]".to_owned(),
            came_back: false,
            came: 0,
            resolved: 0,
        };
        let position = self.positions.or_put(source.to_owned(), new);
        add_trace(position.change(), line.trace_id.as_deref())
    }

    fn found_if_moved(&mut self, line: &ProviderLine, known: Known) -> Result<Known, Failure> {
        if let Known::Moves(moves) = known {
            let source = object(line).to_owned();
            self.found_at_provider(line, &source, moves)?;
        }
        Ok(known)
    }

    /// Our records had money that no report knew, and this is the report: what was set against it is
    /// taken back.
    pub(super) fn found_at_provider(
        &mut self,
        line: &ProviderLine,
        id: &str,
        moves: Money,
    ) -> Result<(), Failure> {
        let missed = self.times_booked(id, "missing_at_provider");
        let found = self.times_booked(id, "found_at_provider");
        if missed <= found {
            return Ok(());
        }
        let connection = self.connection.clone();
        let occasion = posting::Occasion {
            connection: &connection,
            reference: id,
            occurred_at: time(line.occurred_at)?,
        };
        let journal = posting::found_at_provider(occasion, moves)?;
        let effect = super::book::numbered("found_at_provider", found);
        self.write_journal(&journal, id, &effect);
        self.happened.found.push(id.to_owned());
        Ok(())
    }
}

/// Adds what the bank shows to a payout's traces; they are kept sorted.
pub fn add_trace(position: &mut PayoutPosition, trace: Option<&str>) -> Result<(), Failure> {
    let mut traces = traces(position)?;
    traces.extend(trace.map(str::to_owned));
    traces.sort();
    traces.dedup();
    position.traces = serde_json::Value::from(traces).to_string();
    Ok(())
}

pub fn traces(position: &PayoutPosition) -> Result<Vec<String>, Failure> {
    serde_json::from_str(&position.traces)
        .map_err(|e| Failure::unreadable("what tells a payout", e))
}

//! What lines of reports do to the books, each line once, whatever came first: the line or its object.
//!
//! Afterwards the provider's account has moved by exactly what the line says. The object's own journal
//! does its part, wherever it came from; a fee, a conversion and the suspense account do the rest.

use super::super::Failure;
use super::super::statements::rows::{claim, customer_facing, fee, gross, kind, object};
use super::Books;
use super::rows::{money, time};
use crate::store::rows::ProviderLine;
use avstem_domain::ledger::account::Connection;
use avstem_domain::ledger::journal::{Journal, JournalEvent};
use avstem_domain::ledger::posting::{self, Occasion, PostingError, SuspenseChange};
use avstem_domain::money::Money;
use avstem_domain::statement::LineKind;
use avstem_domain::statement::allotment::{Agreement, Allotment, allot};
use std::collections::BTreeMap;

impl Books<'_> {
    /// Brings the books to what the loaded lines say.
    pub(super) fn settle(&mut self) -> Result<(), Failure> {
        let mut groups: BTreeMap<(String, String), Vec<ProviderLine>> = BTreeMap::new();
        for line in self.lines.values() {
            let key = (line.kind.clone(), object(line).to_owned());
            groups.entry(key).or_default().push(line.clone());
        }
        for (_, mut lines) in groups {
            lines.sort_by(|a, b| (a.occurred_at, &a.id).cmp(&(b.occurred_at, &b.id)));
            self.settle_group(&lines)?;
        }
        Ok(())
    }

    /// All lines of one kind about one object, oldest first.
    fn settle_group(&mut self, lines: &[ProviderLine]) -> Result<(), Failure> {
        let Some(first) = lines.first() else {
            return Ok(());
        };
        match kind(first)? {
            LineKind::Charge
            | LineKind::Refund
            | LineKind::RefundFailure
            | LineKind::Payout
            | LineKind::PayoutReturned
            | LineKind::TopUp
            | LineKind::Adjustment
            | LineKind::Other(_) => self.settle_object(lines),
            LineKind::DisputeWithdrawn | LineKind::DisputeReinstated => {
                lines.iter().try_for_each(|line| self.settle_dispute(line))
            }
            LineKind::Fee => lines.iter().try_for_each(|line| {
                let taken = gross(line)?.checked_neg()?.checked_add(fee(line)?)?;
                self.book_fee(line, taken)?;
                self.settled(line, Money::zero(taken.currency()))
            }),
            LineKind::ReserveHeld | LineKind::ReserveReleased => lines
                .iter()
                .try_for_each(|line| self.settle_alone(line, posting::reserve_changed)),
            LineKind::Conversion => lines
                .iter()
                .try_for_each(|line| self.settle_alone(line, posting::balance_converted)),
            LineKind::Memo(_) => lines
                .iter()
                .try_for_each(|line| self.settled(line, Money::zero(gross(line)?.currency()))),
        }
    }

    fn settle_object(&mut self, lines: &[ProviderLine]) -> Result<(), Failure> {
        let known = self.known_of(lines)?;
        let claims = lines.iter().map(claim).collect::<Result<Vec<_>, _>>()?;
        for (line, allotment) in lines.iter().zip(allot(known, &claims)?) {
            self.book_fee(line, fee(line)?)?;
            self.book_conversion(line, allotment)?;
            self.settled(line, allotment.in_suspense(gross(line)?)?)?;
        }
        Ok(())
    }

    /// What a dispute's own event told already stays as it is; the line adds what differs.
    fn settle_dispute(&mut self, line: &ProviderLine) -> Result<(), Failure> {
        if line.posted {
            return Ok(());
        }
        let (gross, fee) = (gross(line)?, fee(line)?);
        let amount = customer_facing(line)?.unwrap_or(gross);
        let withdrawn = kind(line)? == LineKind::DisputeWithdrawn;
        let event = if withdrawn {
            "dispute_withdrawn"
        } else {
            "dispute_reinstated"
        };
        let effect = format!("{event}/{}", line.id);
        let told = self
            .movements
            .get(&line.id)
            .map(|row| (row.amount, row.fee));
        let told = told.filter(|_| self.is_booked(object(line), &effect));
        let (moved, taken) = match told {
            Some((minor, fee)) => {
                let signed = if withdrawn { -minor } else { minor };
                let currency = self.currency_of_dispute(line).unwrap_or(&line.currency);
                let (moved, taken) = (money(signed, currency)?, money(fee, &line.currency)?);
                if moved.currency() == taken.currency() {
                    self.found_at_provider(line, &line.id, moved.checked_sub(taken)?)?;
                }
                (moved, taken)
            }
            None => {
                self.book_once(line, &effect, |at| {
                    if withdrawn {
                        posting::dispute_withdrawn(at, amount.checked_neg()?, fee)
                    } else {
                        posting::dispute_reinstated(at, amount, fee)
                    }
                })?;
                (amount, fee)
            }
        };
        let allotment = Allotment {
            settles: Some(moved),
            agreement: Agreement::Agrees,
        };
        self.book_conversion(line, allotment)?;
        let of_fee = taken.checked_sub(fee)?;
        self.settled(line, allotment.in_suspense(gross)?.checked_add(of_fee)?)
    }

    fn currency_of_dispute(&self, line: &ProviderLine) -> Option<&str> {
        let dispute = self.disputes.get(line.source.as_ref()?)?;
        Some(&dispute.currency)
    }

    /// A line that only the provider knows of and that one journal says all of.
    fn settle_alone(
        &mut self,
        line: &ProviderLine,
        journal: fn(Occasion<'_>, Money) -> Result<Journal, PostingError>,
    ) -> Result<(), Failure> {
        let gross = gross(line)?;
        self.book_fee(line, fee(line)?)?;
        if !gross.is_zero() {
            let connection = self.connection.clone();
            let journal = journal(occasion(&connection, line)?, gross)?;
            let effect = format!("{}/{}", journal.event(), line.id);
            self.write_once(line, &effect, &journal);
        }
        self.settled(line, Money::zero(gross.currency()))
    }

    fn book_fee(&mut self, line: &ProviderLine, fee: Money) -> Result<(), Failure> {
        if fee.is_zero() {
            return Ok(());
        }
        let effect = format!("provider_fee/{}", line.id);
        self.book_once(line, &effect, |at| posting::provider_fee(at, fee))
    }

    fn book_conversion(
        &mut self,
        line: &ProviderLine,
        allotment: Allotment,
    ) -> Result<(), Failure> {
        let settled = gross(line)?;
        let Some(charged) = allotment
            .converted(settled)
            .filter(|money| !money.is_zero())
        else {
            return Ok(());
        };
        let effect = format!("settled_in_other_currency/{}", line.id);
        self.book_once(line, &effect, |at| {
            posting::settled_in_other_currency(at, charged, settled)
        })
    }

    /// Books something about a line's object, unless that effect is booked.
    pub(super) fn book_once(
        &mut self,
        line: &ProviderLine,
        effect: &str,
        journal: impl FnOnce(Occasion<'_>) -> Result<Journal, PostingError>,
    ) -> Result<(), Failure> {
        let connection = self.connection.clone();
        let journal = journal(occasion(&connection, line)?)?;
        self.write_once(line, effect, &journal);
        Ok(())
    }

    fn write_once(&mut self, line: &ProviderLine, effect: &str, journal: &Journal) {
        if !self.is_booked(object(line), effect) {
            self.write_journal(journal, object(line), effect);
        }
    }

    /// The line is booked; what of it nothing accounts for is now `suspense`.
    fn settled(&mut self, line: &ProviderLine, suspense: Money) -> Result<(), Failure> {
        let change = SuspenseChange {
            before: money(line.suspense, &line.currency)?,
            after: suspense,
        };
        let connection = self.connection.clone();
        if let Some(journal) = posting::suspense_changed(occasion(&connection, line)?, change)? {
            let effect = self.next_of(object(line), journal.event(), &line.id);
            self.write_journal(&journal, object(line), &effect);
        }
        let is_new = |row: &ProviderLine| !row.posted || row.suspense != suspense.minor();
        if self.lines.get(&line.id).is_some_and(is_new)
            && let Some(row) = self.lines.change(&line.id)
        {
            if row.suspense != 0 && suspense.is_zero() {
                self.happened.arrived.push(line.id.clone());
            }
            row.posted = true;
            row.suspense = suspense.minor();
        }
        Ok(())
    }

    /// The name of an effect of a line that can happen again: `suspense_posted/0/txn_1`, and so on.
    fn next_of(&self, object: &str, event: JournalEvent, line: &str) -> String {
        (0u64..)
            .map(|number| format!("{event}/{number}/{line}"))
            .find(|effect| !self.is_booked(object, effect))
            .unwrap_or_default()
    }
}

fn occasion<'o>(
    connection: &'o Connection,
    line: &'o ProviderLine,
) -> Result<Occasion<'o>, Failure> {
    Ok(Occasion {
        connection,
        reference: object(line),
        occurred_at: time(line.occurred_at)?,
    })
}

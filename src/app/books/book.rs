//! Which journals follow from the rows as they stand now.
//!
//! Nothing here depends on the order in which facts came: a charge is booked as soon as it succeeded,
//! and what is learned of it later moves it by a reclassifying journal.

use super::super::Failure;
use super::classify::{booked_classification, income_text};
use super::load::payment_keys;
use super::of_charges::OfCharges;
use super::refund::came_back;
use super::rows::{money, time};
use super::table::Kept;
use super::{Books, entry::EffectKey};
use crate::store::rows::{Charge, Dispute, Refund};
use avstem_domain::id::JournalId;
use avstem_domain::ledger::journal::Journal;
use avstem_domain::ledger::posting::{self, BookedCharge, Classification, Occasion};
use std::collections::BTreeSet;

impl Books<'_> {
    pub(super) fn book(&mut self) -> Result<(), Failure> {
        self.link_charges();
        self.touched = self.charges_to_book();
        let of_charges = OfCharges::of(self);
        for provider_id in self.touched.clone() {
            if let Some(mut charge) = self.charges.take_out(&provider_id) {
                let booked = self.book_charge(&mut charge, &of_charges);
                self.charges.put_back(provider_id, charge);
                booked?;
            }
        }
        self.book_payouts()
    }

    /// Gives each charge the invoice that some link names.
    fn link_charges(&mut self) {
        for kept in self.charges.kept_mut() {
            let linked = payment_keys(kept)
                .filter_map(|key| {
                    let from = (key.to_owned(), String::new());
                    let first = self.links.keys_from(&from).next();
                    first.filter(|(payment, _)| *payment == key)
                })
                .map(|(_, invoice)| invoice.clone())
                .next();
            if linked.is_some() && kept.invoice != linked {
                let charge = kept.change();
                charge.invoice = linked;
                charge.link_due_at = None;
            }
        }
    }

    /// Charges that changed, or whose invoice, link, refund or dispute did, and all that share an invoice with one.
    fn charges_to_book(&self) -> BTreeSet<String> {
        let mut invoices = self.changed_invoices();
        let changed_charges = self.charges.changed();
        invoices.extend(changed_charges.filter_map(|charge| charge.invoice.as_ref()));
        let refunds = self.refunds.changed();
        let refunded: BTreeSet<&String> = refunds.map(|row| &row.charge_id).collect();
        let disputes = self.disputes.changed();
        let disputed: BTreeSet<&String> = disputes.map(|row| &row.charge_id).collect();
        let touched = |charge: &&Kept<Charge>| {
            charge.is_changed()
                || refunded.contains(&charge.id)
                || disputed.contains(&charge.id)
                || charge
                    .invoice
                    .as_ref()
                    .is_some_and(|invoice| invoices.contains(invoice))
        };
        self.charges
            .kept()
            .filter(touched)
            .map(|charge| charge.provider_id.clone())
            .collect()
    }

    /// Invoices that changed, or of which it changed what they bill or what paid them.
    pub(super) fn changed_invoices(&self) -> BTreeSet<&String> {
        let changed = self.invoices.changed().map(|row| &row.provider_id);
        let billed = self.newly_billed.iter().map(|(invoice, _)| invoice);
        let linked = self.links.changed().map(|link| &link.invoice);
        changed.chain(billed).chain(linked).collect()
    }

    fn book_charge(&mut self, charge: &mut Kept<Charge>, of: &OfCharges) -> Result<(), Failure> {
        let journals = self.journals.count();
        if charge.status == "succeeded" && charge.amount > 0 {
            let classification = self.classify(charge, of)?;
            self.book_classification(charge, &classification)?;
        }
        let refunds: Vec<Refund> = of
            .refunds
            .rows(&charge.id, &self.refunds)
            .cloned()
            .collect();
        self.book_refunds(charge, &refunds)?;
        let disputes: Vec<Dispute> = of
            .disputes
            .rows(&charge.id, &self.disputes)
            .cloned()
            .collect();
        self.book_disputes(charge, disputes)?;
        if self.journals.count() > journals && charge.booked_as.as_deref() == Some("deferred") {
            charge.change().unearned = true;
        }
        let refunded = refunds
            .iter()
            .filter(|refund| !came_back(&refund.state))
            .fold(0i64, |sum, refund| sum.saturating_add(refund.amount))
            // Ours may wait for an answer while somebody else's leaves no room for it.
            .min(charge.amount);
        if charge.refunded != refunded {
            charge.change().refunded = refunded;
        }
        Ok(())
    }

    fn book_classification(
        &mut self,
        kept: &mut Kept<Charge>,
        new: &Classification,
    ) -> Result<(), Failure> {
        let charge = &**kept;
        let gross = money(charge.amount, &charge.currency)?;
        let old = booked_classification(charge)?;
        if old.as_ref() == Some(new) {
            return Ok(());
        }
        let reference = charge.provider_id.clone();
        let occasion = Occasion {
            connection: &self.connection.clone(),
            reference: &reference,
            occurred_at: time(charge.created_at)?,
        };
        let (journal, effect) = match old {
            None => (
                Some(posting::charge_succeeded(occasion, gross, new)?),
                "charge_succeeded".to_owned(),
            ),
            Some(classification) => {
                let booked = standing(charge, classification)?;
                (
                    posting::reclassified(occasion, booked, new)?,
                    format!("charge_reclassified/{}", charge.bookings),
                )
            }
        };
        if let Some(journal) = journal {
            self.write_journal(&journal, &reference, &effect);
        }
        if charge.booked_as.is_none() {
            self.happened.charges.push(charge.id.clone());
        }
        let charge = kept.change();
        charge.booked_as = Some(income_text(new.income).to_owned());
        charge.booked_vat = new.vat.minor();
        charge.bookings = charge.bookings.saturating_add(1);
        Ok(())
    }

    pub(super) fn is_booked(&self, object: &str, effect: &str) -> bool {
        self.booked
            .contains(&(object.to_owned(), effect.to_owned()))
    }

    pub(super) fn times_booked(&self, object: &str, effect: &str) -> usize {
        (0..)
            .take_while(|number| self.is_booked(object, &numbered(effect, *number)))
            .count()
    }

    pub(super) fn write_journal(&mut self, journal: &Journal, object: &str, effect: &str) {
        let key = EffectKey {
            connection: self.connection.as_str(),
            object,
            effect,
        };
        let id = JournalId::from_uuid(self.clock.uuid());
        self.journals.add(id, journal, &key, self.now, self.zone);
        self.booked.insert((object.to_owned(), effect.to_owned()));
    }
}

/// A booked charge, as the posting rules want it.
pub fn standing(charge: &Charge, classification: Classification) -> Result<BookedCharge, Failure> {
    let amount = |minor| money(minor, &charge.currency);
    Ok(BookedCharge {
        gross: amount(charge.amount)?,
        refunded: amount(charge.decided)?,
        lost: amount(charge.lost)?,
        recognised: amount(charge.recognised)?,
        classification,
    })
}

/// The name of an effect that happens for the `number`th time, from 0.
pub fn numbered(effect: &str, number: usize) -> String {
    if number == 0 {
        effect.to_owned()
    } else {
        format!("{effect}/{number}")
    }
}

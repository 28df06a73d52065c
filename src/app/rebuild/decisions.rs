//! Our own refunds. That one was decided is not told by any provider: it is primary, and copied; what
//! became of it is told, and rebuilt. Of a refund that no provider ever told of, what we ourselves made
//! of it (not sent yet, refused) is primary too.

use super::super::Failure;
use super::super::books::Books;
use super::super::process_events::with_causes;
use super::replay::{Replay, is_about_facts};
use crate::store::rows::{Charge, Refund};
use avstem_webhooks::Observation;
use std::collections::BTreeSet;

/// Refunds read at once.
const PAGE: i64 = 200;

/// What came of deciding a refund again.
enum Decided {
    Done,
    /// Its charge is not there, or not yet.
    NoCharge,
    Impossible(String),
}

impl Replay<'_, '_, '_> {
    /// Decides those of our refunds that facts name; returns whether all of them are decided. In the
    /// database each was decided before anyone could tell of it, whatever two clocks say.
    pub(super) fn decide_before<'f>(
        &mut self,
        facts: impl IntoIterator<Item = &'f Observation>,
    ) -> Result<bool, Failure> {
        let named: BTreeSet<String> = facts
            .into_iter()
            .filter_map(|told| told.fact.as_refund()?.ours)
            .map(|id| id.to_string())
            .collect();
        if named.is_empty() {
            return Ok(true);
        }
        let named: Vec<String> = named.into_iter().collect();
        let missing = self.not_decided(&named)?;
        let ours = self.live.refunds_by_ids(&missing)?;
        let mut all = true;
        for refund in ours.iter().filter(|refund| refund.origin == "avstem") {
            match self.decide(refund)? {
                Decided::Done => {}
                Decided::NoCharge | Decided::Impossible(_) => all = false,
            }
        }
        Ok(all)
    }

    /// After everything that was told: the refunds that nobody told of.
    pub(super) fn decide_the_rest(&mut self) -> Result<(), Failure> {
        let mut after = String::new();
        loop {
            let page = self.live.our_refunds_after(&after, PAGE)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after.clone_from(&last.id);
            let ids: Vec<String> = page.iter().map(|refund| refund.id.clone()).collect();
            let missing = self.not_decided(&ids)?;
            for refund in page.iter().filter(|row| missing.contains(&row.id)) {
                self.decide_or_tell(refund)?;
            }
        }
    }

    fn not_decided(&self, ids: &[String]) -> Result<Vec<String>, Failure> {
        let found = self.scratch.app.store.read(|tx| tx.refunds_by_ids(ids))?;
        let is_missing = |id: &&String| !found.iter().any(|refund| refund.id == **id);
        Ok(ids.iter().filter(is_missing).cloned().collect())
    }

    fn decide_or_tell(&mut self, refund: &Refund) -> Result<(), Failure> {
        match self.decide(refund)? {
            Decided::Done => {}
            Decided::NoCharge => {
                let why = "its charge is not there".to_owned();
                self.not_applied("refunds", refund.id.clone(), why);
            }
            Decided::Impossible(why) => self.not_applied("refunds", refund.id.clone(), why),
        }
        Ok(())
    }

    fn decide(&mut self, refund: &Refund) -> Result<Decided, Failure> {
        let Some(charge) = self.charge_of(refund)? else {
            return Ok(Decided::NoCharge);
        };
        let mut decided = as_decided(refund, &charge);
        let app = &self.scratch.app;
        let booked = app.store.write(|tx| {
            let cancellation: Vec<String> = refund.cancellation_id.iter().cloned().collect();
            if tx.cancellations_by_ids(&cancellation)?.is_empty() {
                decided.cancellation_id = None;
            }
            let charges = std::iter::once(&charge);
            let mut books = Books::of_charges(tx, app.keeping(), &charge.connection, charges)?;
            books.decide_refund(decided.clone());
            books.close(tx)
        });
        match booked {
            Ok(_) => Ok(Decided::Done),
            Err(error) if is_about_facts(&error) => Ok(Decided::Impossible(with_causes(&error))),
            Err(error) => Err(error),
        }
    }

    /// The scratch copy's row of a refund's charge.
    fn charge_of(&mut self, refund: &Refund) -> Result<Option<Charge>, Failure> {
        let ids = std::slice::from_ref(&refund.charge_id);
        let Some(charge) = self.live.charges_by_ids(ids)?.pop() else {
            return Ok(None);
        };
        let ids = [charge.provider_id];
        let store = &self.scratch.app.store;
        Ok(store
            .read(|tx| tx.charges_by_provider_ids(&charge.connection, &ids))?
            .pop())
    }
}

/// The row as it was when the refund was decided, if a provider told of it since; else as we left it.
fn as_decided(refund: &Refund, charge: &Charge) -> Refund {
    let as_we_left_it = Refund {
        charge_id: charge.id.clone(),
        provider_id: None,
        decided: 0,
        first_sent_at: None,
        attempts: 0,
        due_at: None,
        lease_until: 0,
        fence: 0,
        attention: None,
        ..refund.clone()
    };
    if refund.version.is_empty() {
        return as_we_left_it;
    }
    Refund {
        state: "pending".to_owned(),
        failure_reason: None,
        pending_reason: None,
        state_since: refund.created_at,
        version: String::new(),
        ..as_we_left_it
    }
}

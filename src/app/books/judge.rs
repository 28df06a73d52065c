//! Refunds that others made, judged by the rules that ours go by: as of when they were made, themselves
//! not counted.
//!
//! A judgement never stops anything; it says whether the policy would have given that much back. It is
//! made again in the same transaction as every later fact that matters to it, so that it does not depend
//! on the order in which the facts came.

use super::super::Failure;
use super::super::facts::{self, ChargePicture};
use super::Books;
use super::refund::came_back;
use super::rows::{money, time};
use crate::store::WriteTx;
use crate::store::rows::{Cancellation, Charge, Delivery, Refund};
use avstem_domain::cancellation::{Facts, RefundChoice, Request, plan};
use avstem_domain::event::DisputeStanding;
use avstem_domain::refund_policy::{Policy, Verdict};
use avstem_domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Providers tell whole seconds: what is known of us in the same one was there before.
const SECOND_US: i64 = 1_000_000;

/// Everything that some refunds are judged by, by the provider's ids or ours.
struct Files {
    charges: BTreeMap<String, Charge>,
    /// The subscription of a charge's invoice: of several, the one with the least id.
    billed: BTreeMap<String, String>,
    pictures: BTreeMap<String, Vec<ChargePicture>>,
    /// All delivery reports, oldest first.
    reports: Vec<Delivery>,
    /// All refunds of a charge.
    refunds: BTreeMap<String, Vec<Refund>>,
    /// Our cancellations of a subscription.
    requests: BTreeMap<String, Vec<Cancellation>>,
}

impl Books<'_> {
    /// Judges what the batch touched. Runs when everything else is written.
    pub(super) fn judge_others(&mut self, tx: &mut WriteTx<'_>) -> Result<(), Failure> {
        let refunds = self.refunds_to_judge(tx)?;
        if refunds.is_empty() {
            return Ok(());
        }
        let files = Files::open(tx, self.connection.as_str(), &refunds)?;
        let mut judged = Vec::new();
        for mut refund in refunds {
            let Some(charge) = files.charges.get(&refund.charge_id) else {
                continue;
            };
            let before = refund.clone();
            let verdict = files.judge(&refund, charge, self.policy, self.zone)?;
            refund.policy_conform = Some(grants(&verdict, &refund));
            refund.code = Some(verdict.code.as_str().to_owned());
            refund.judged_in = files.subscription(charge).cloned();
            refund.judged_by = Some(self.policy.version.clone());
            if refund != before {
                judged.push(refund);
            }
        }
        Ok(tx.save_refunds(&judged)?)
    }

    /// Those of charges that something changed about, and those that were judged in a subscription whose
    /// invoices or charges changed: which charge is the latest may be another by now.
    fn refunds_to_judge(&self, tx: &mut WriteTx<'_>) -> Result<Vec<Refund>, Failure> {
        let charges: BTreeSet<&String> = self
            .touched
            .iter()
            .filter_map(|id| self.charges.get(id))
            .map(|charge| &charge.id)
            .collect();
        let mut invoices = self.changed_invoices();
        let of_charges = self.touched.iter().filter_map(|id| self.charges.get(id));
        invoices.extend(of_charges.filter_map(|charge| charge.invoice.as_ref()));
        let subscriptions: BTreeSet<String> = invoices
            .into_iter()
            .filter_map(|invoice| self.billed.get(invoice))
            .flatten()
            .cloned()
            .collect();
        let subscriptions: Vec<String> = subscriptions.into_iter().collect();
        let mut found: BTreeMap<String, Refund> = tx
            .refunds_of_others(self.connection.as_str(), &subscriptions)?
            .into_iter()
            .map(|row| (row.id.clone(), row))
            .collect();
        let touched = self
            .refunds
            .values()
            .filter(|row| row.origin == "provider" && charges.contains(&row.charge_id));
        found.extend(touched.map(|row| (row.id.clone(), row.clone())));
        Ok(found.into_values().collect())
    }
}

impl Files {
    fn open(tx: &mut WriteTx<'_>, connection: &str, refunds: &[Refund]) -> Result<Self, Failure> {
        let charge_ids: BTreeSet<String> =
            refunds.iter().map(|row| row.charge_id.clone()).collect();
        let charge_ids: Vec<String> = charge_ids.into_iter().collect();
        let charges = tx.charges_by_ids(&charge_ids)?;
        let invoices: Vec<String> = charges.iter().filter_map(|c| c.invoice.clone()).collect();
        let mut billed: BTreeMap<String, String> = BTreeMap::new();
        for row in tx.invoice_subscriptions_by_invoices(connection, &invoices)? {
            let least = billed
                .entry(row.invoice)
                .or_insert(row.subscription.clone());
            if row.subscription < *least {
                *least = row.subscription;
            }
        }
        let subscriptions: BTreeSet<String> = billed.values().cloned().collect();
        let subscriptions: Vec<String> = subscriptions.into_iter().collect();
        let pictures = facts::billed_to(tx, connection, &subscriptions)?;
        let all_charges: Vec<String> = pictures
            .values()
            .flatten()
            .map(|charge| charge.row.id.clone())
            .collect();
        let own = tx.subscriptions_by_provider_ids(connection, &subscriptions)?;
        let own_ids: Vec<String> = own.iter().map(|row| row.id.clone()).collect();
        let mut requests: BTreeMap<String, Vec<Cancellation>> = BTreeMap::new();
        for row in tx.cancellations_of_subscriptions(&own_ids)? {
            let of = own.iter().find(|known| known.id == row.subscription_id);
            if let (Some(of), "avstem") = (of, row.origin.as_str()) {
                requests
                    .entry(of.provider_id.clone())
                    .or_default()
                    .push(row);
            }
        }
        let mut by_charge: BTreeMap<String, Vec<Refund>> = BTreeMap::new();
        for row in tx.refunds_by_charges(&charge_ids)? {
            by_charge
                .entry(row.charge_id.clone())
                .or_default()
                .push(row);
        }
        Ok(Self {
            reports: tx.deliveries_by_charges(&all_charges)?,
            charges: charges.into_iter().map(|c| (c.id.clone(), c)).collect(),
            billed,
            pictures,
            refunds: by_charge,
            requests,
        })
    }

    fn subscription(&self, charge: &Charge) -> Option<&String> {
        self.billed.get(charge.invoice.as_ref()?)
    }

    /// By the rules as of when it was made. Where they would not have granted it then, also as of what it
    /// may answer: a request to cancel that stood, or a refund of ours that came to nothing.
    fn judge(
        &self,
        refund: &Refund,
        charge: &Charge,
        policy: &Policy,
        zone: chrono_tz::Tz,
    ) -> Result<Verdict, Failure> {
        let facts = self.facts(refund, charge)?;
        let paid_at = facts
            .charges
            .iter()
            .find(|known| known.charge.to_string() == charge.id)
            .and_then(|known| known.paid_at);
        let made_at = time(refund.created_at)?;
        // What was paid and given back in one second was paid first.
        let made_at = paid_at.map_or(made_at, |paid_at| made_at.max(paid_at));
        let as_of = |judged_at: Timestamp| {
            let request = Request {
                judged_at,
                refund: RefundChoice::Policy,
            };
            let verdicts = plan(&facts, request, policy, zone)?.verdicts;
            let own = |verdict: &Verdict| verdict.charge.to_string() == charge.id;
            let missing = || Failure::Unreadable(format!("charge {} has no verdict", charge.id));
            verdicts.into_iter().find(own).ok_or_else(missing)
        };
        let first = as_of(made_at)?;
        if grants(&first, refund) {
            return Ok(first);
        }
        for answered in self.answered(refund, charge) {
            let verdict = as_of(time(answered)?)?;
            if grants(&verdict, refund) {
                return Ok(verdict);
            }
        }
        Ok(first)
    }

    /// As they were when the refund was made: refunds that came later, or came back, are not counted,
    /// nor are later delivery reports. No dispute stood in its way, or the provider had refused it.
    fn facts(&self, refund: &Refund, charge: &Charge) -> Result<Facts, Failure> {
        let until = refund.created_at.saturating_add(SECOND_US);
        let mut facts = match self
            .subscription(charge)
            .and_then(|id| self.pictures.get(id))
        {
            None => facts::of_lone_charge(charge)?,
            Some(pictures) => {
                let mut charges = Vec::new();
                for picture in pictures {
                    let mut picture = picture.clone();
                    let report = |report: &&Delivery| {
                        report.charge_id == picture.row.id && report.reported_at < until
                    };
                    picture.delivery = self.reports.iter().rfind(report).cloned();
                    charges.push(picture.facts()?);
                }
                facts::of_charges(charges)
            }
        };
        let place = |row: &Refund| (row.created_at, row.provider_id.clone(), row.id.clone());
        let before = self
            .refunds
            .get(&charge.id)
            .into_iter()
            .flatten()
            .filter(|other| !came_back(&other.state) && place(other) < place(refund))
            .fold(0i64, |sum, other| sum.saturating_add(other.amount));
        for known in &mut facts.charges {
            if known.charge.to_string() == charge.id {
                known.refunded = money(before, &charge.currency)?;
                known.dispute = DisputeStanding::Undisputed;
            }
        }
        Ok(facts)
    }

    /// The times of what the refund may answer, in microseconds.
    fn answered(&self, refund: &Refund, charge: &Charge) -> Vec<i64> {
        let until = refund.created_at.saturating_add(SECOND_US);
        let stood = |row: &&Cancellation| {
            row.received_at < until && row.undone_at.is_none_or(|at| at >= refund.created_at)
        };
        let requests = self
            .subscription(charge)
            .and_then(|id| self.requests.get(id));
        let requests = requests.into_iter().flatten().filter(stood);
        let failed = self
            .refunds
            .get(&charge.id)
            .into_iter()
            .flatten()
            .filter(|row| row.origin == "avstem" && came_back(&row.state))
            .filter(|row| row.created_at < until);
        let mut times: Vec<i64> = requests
            .map(|row| row.judged_at)
            .chain(failed.map(|row| row.created_at))
            .collect();
        times.sort_unstable();
        times
    }
}

fn grants(verdict: &Verdict, refund: &Refund) -> bool {
    let granted = verdict.decision.refund_amount();
    granted.is_some_and(|amount| amount.minor() >= refund.amount)
}

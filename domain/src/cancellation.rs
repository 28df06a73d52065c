//! A cancellation, decided: where billing stops, and one verdict for each charge.
//!
//! [`plan`] is a pure function: the same facts and request always give the same plan, which is stored
//! whole before anything is done about it.

use crate::charge::{ChargeKind, ChargeStatus};
use crate::event::DisputeStanding;
use crate::id::{ChargeId, ProviderChargeId, ProviderInvoiceId};
use crate::money::{Money, MoneyError};
use crate::refund_policy::{Case, Code, Payment, Policy, Standing, Terms, Verdict, judge};
use crate::subscription::SubscriptionStatus;
use crate::time::{BillingPeriod, Timestamp};

/// Everything a plan is made from. All charges of one subscription, in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub subscription: SubscriptionFacts,
    pub charges: Vec<ChargeFacts>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionFacts {
    pub status: SubscriptionStatus,
    /// The provider's current period, paid or not.
    pub current_period: Option<BillingPeriod>,
    pub trial_end: Option<Timestamp>,
    /// Periods of paid invoices that took no money (free of charge, paid by credit). Those that took
    /// money are known from their charges.
    pub free_periods: Vec<BillingPeriod>,
    /// When the subscription was over, if it is.
    pub ended_at: Option<Timestamp>,
    /// When a stop asked for earlier takes effect, if one was.
    pub stops_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeFacts {
    pub charge: ChargeId,
    pub provider_charge: ProviderChargeId,
    pub kind: ChargeKind,
    pub status: ChargeStatus,
    pub amount: Money,
    /// Refunds done and under way, from whoever made them.
    pub refunded: Money,
    pub dispute: DisputeStanding,
    /// When it was paid; None while no money was taken.
    pub paid_at: Option<Timestamp>,
    /// Charges that paid one invoice count together. None: an invoice of its own.
    pub invoice: Option<ProviderInvoiceId>,
    pub period: Option<BillingPeriod>,
    pub coverage: InvoiceCoverage,
    /// The last delivery report of the charge's period.
    pub delivery: Option<Delivery>,
}

/// Whether the charge's invoice bills this subscription alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceCoverage {
    ThisSubscription,
    /// It bills several: a person must split it (the plan says so in `attention`).
    SeveralSubscriptions,
}

/// A delivery report, in whole units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// > 0.
    pub ordered: i64,
    /// 0 to `ordered`; more counts as all of it.
    pub delivered: i64,
    pub completed: Completion,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    Completed,
    NotCompleted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// When the customer asked: `requested_at` when given, else `received_at`. It decides the rules.
    pub judged_at: Timestamp,
    pub refund: RefundChoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundChoice {
    /// What the rules grant.
    Policy,
    /// Nothing: the customer keeps the paid period.
    None,
}

/// What will be done and why. Verdicts are sorted newest charge first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub stop: Stop,
    pub verdicts: Vec<Verdict>,
    /// Those that paid the latest invoice, newest first.
    pub latest_charges: Vec<ChargeId>,
    pub attention: Vec<Attention>,
    pub policy_version: String,
    /// What the request asked for. It decides what of the verdicts is carried out.
    pub refund: RefundChoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    pub mode: StopMode,
    /// When billing and service stop: the request for an immediate stop, the end of the last paid
    /// period or trial otherwise, and `ended_at` for a subscription already over.
    pub effective_at: Timestamp,
    pub standing: StopStanding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopMode {
    Immediate,
    AtPeriodEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopStanding {
    ToDo,
    /// The subscription is already over at the provider.
    AlreadyStopped,
}

/// Why a person must look at a cancellation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attention {
    /// The invoice of this charge bills several subscriptions. Its verdict stands as computed, but no
    /// money moves by itself: how much of it is this subscription's is for a person to say.
    SharedInvoice(ProviderChargeId),
    /// Charged after the request, and the request asked for no refund.
    ChargedAfterRequestWithoutRefund(ProviderChargeId),
}

/// Plans a cancellation. Calendar days in explanations are those of `zone`.
/// Errors when amounts of different currencies would have to be combined, or do not fit.
pub fn plan(
    facts: &Facts,
    request: Request,
    policy: &Policy,
    zone: chrono_tz::Tz,
) -> Result<Plan, MoneyError> {
    let terms = Terms {
        policy,
        judged_at: request.judged_at,
        zone,
    };
    let charges = newest_first(&facts.charges);
    let latest = latest_of(&charges, request.judged_at);
    let mut verdicts = Vec::with_capacity(charges.len());
    for charge in &charges {
        let case = Case::new(charge, standing(charge, &latest), terms)?;
        verdicts.push(judge(&case));
    }
    let latest_charges: Vec<ChargeId> = latest.iter().map(|c| c.charge).collect();
    let attention = attention(&charges, &verdicts, &latest_charges, request.refund);
    let refunds = refunds_of(&verdicts, &attention, request.refund);
    Ok(Plan {
        stop: stop(facts, request, &refunds),
        verdicts,
        latest_charges,
        attention,
        policy_version: policy.version.clone(),
        refund: request.refund,
    })
}

/// The charges that are the latest as of `judged_at`, newest first; none when nothing recurring was
/// paid by then.
///
/// They are the succeeded recurring charges, paid at or before `judged_at`, of the invoice whose period
/// ends last. What they were refunded or disputed since does not matter: no older charge is promoted.
/// A charge of zero took no money and is passed over. Ours, where the policy is silent: a charge
/// without a period counts as if its period ended when it was paid; of different invoices whose periods
/// end together the one paid last is the latest, then the one with the greater id.
#[must_use]
pub fn latest_charges(facts: &Facts, judged_at: Timestamp) -> Vec<ChargeId> {
    latest_of(&newest_first(&facts.charges), judged_at)
        .iter()
        .map(|c| c.charge)
        .collect()
}

impl Plan {
    /// What is really refunded: the verdicts that grant money, unless the request asked for no refund
    /// or the charge's invoice bills several subscriptions.
    #[must_use]
    pub fn refunds(&self) -> Vec<(ChargeId, Money)> {
        refunds_of(&self.verdicts, &self.attention, self.refund)
    }
}

/// What one invoice is told by: its id, or the charge's own id where it has none.
fn invoice_of(charge: &ChargeFacts) -> (Option<&ProviderInvoiceId>, Option<&ProviderChargeId>) {
    match &charge.invoice {
        Some(invoice) => (Some(invoice), None),
        None => (None, Some(&charge.provider_charge)),
    }
}

fn newest_first(charges: &[ChargeFacts]) -> Vec<&ChargeFacts> {
    let mut sorted: Vec<&ChargeFacts> = charges.iter().collect();
    // A charge that was never paid stands where its period would have been paid.
    let key = |c: &ChargeFacts| {
        (
            c.paid_at.or(c.period.map(|p| p.start())),
            c.period.map(|p| p.end()),
            c.charge,
        )
    };
    sorted.sort_by_key(|c| std::cmp::Reverse(key(c)));
    sorted
}

/// The time a recurring charge was paid, if it was by `judged_at`.
fn paid_by(charge: &ChargeFacts, judged_at: Timestamp) -> Option<Timestamp> {
    let succeeded = match charge.status {
        ChargeStatus::Succeeded => charge.amount.is_positive() && charge.kind.is_recurring(),
        ChargeStatus::Pending | ChargeStatus::Failed => false,
    };
    charge
        .paid_at
        .filter(|paid_at| succeeded && *paid_at <= judged_at)
}

fn latest_of<'a>(charges: &[&'a ChargeFacts], judged_at: Timestamp) -> Vec<&'a ChargeFacts> {
    let eligible = || {
        charges
            .iter()
            .copied()
            .filter_map(|c| Some((c, paid_by(c, judged_at)?)))
    };
    let last = eligible().max_by_key(|(charge, paid_at)| {
        let period_end = charge.period.map_or(*paid_at, |period| period.end());
        (period_end, *paid_at, invoice_of(charge))
    });
    let Some((last, _)) = last else {
        return Vec::new();
    };
    eligible()
        .map(|(c, _)| c)
        .filter(|c| invoice_of(c) == invoice_of(last))
        .collect()
}

fn standing(charge: &ChargeFacts, latest: &[&ChargeFacts]) -> Standing {
    let Some(this) = latest.iter().position(|c| c.charge == charge.charge) else {
        return Standing::NotLatest;
    };
    let payments = latest
        .iter()
        .map(|c| Payment {
            amount: c.amount,
            delivery: c.delivery,
        })
        .collect();
    Standing::Latest { payments, this }
}

/// `charges` and `verdicts` are in the same order.
fn attention(
    charges: &[&ChargeFacts],
    verdicts: &[Verdict],
    latest: &[ChargeId],
    choice: RefundChoice,
) -> Vec<Attention> {
    let mut found = Vec::new();
    for (charge, verdict) in charges.iter().zip(verdicts) {
        let grants = verdict.decision.refund_amount().is_some();
        let concerned = latest.contains(&charge.charge) || grants;
        let id = charge.provider_charge.clone();
        match charge.coverage {
            InvoiceCoverage::SeveralSubscriptions if concerned => {
                found.push(Attention::SharedInvoice(id.clone()));
            }
            InvoiceCoverage::SeveralSubscriptions | InvoiceCoverage::ThisSubscription => {}
        }
        match choice {
            RefundChoice::None if verdict.code == Code::ChargedAfterRequest => {
                found.push(Attention::ChargedAfterRequestWithoutRefund(id));
            }
            RefundChoice::None | RefundChoice::Policy => {}
        }
    }
    found
}

fn refunds_of(
    verdicts: &[Verdict],
    attention: &[Attention],
    choice: RefundChoice,
) -> Vec<(ChargeId, Money)> {
    let shared = |verdict: &Verdict| {
        attention.contains(&Attention::SharedInvoice(verdict.provider_charge.clone()))
    };
    match choice {
        RefundChoice::None => Vec::new(),
        RefundChoice::Policy => verdicts
            .iter()
            .filter(|verdict| !shared(verdict))
            .filter_map(|verdict| Some((verdict.charge, verdict.decision.refund_amount()?)))
            .collect(),
    }
}

/// Where billing stops. `refunds` are those that will be made: each is of the latest charge or of one
/// taken after the request, and either ends the service at once.
///
/// A charge of a shared invoice is not among them, so it does not end a paid period: a stop at period
/// end can still be moved forward when a person has decided, an immediate one cannot be taken back.
fn stop(facts: &Facts, request: Request, refunds: &[(ChargeId, Money)]) -> Stop {
    let immediate = |effective_at, standing| Stop {
        mode: StopMode::Immediate,
        effective_at,
        standing,
    };
    let subscription = &facts.subscription;
    if subscription.status.is_terminal() {
        let over = subscription.ended_at.unwrap_or(request.judged_at);
        return immediate(over, StopStanding::AlreadyStopped);
    }
    if !refunds.is_empty() {
        return immediate(request.judged_at, StopStanding::ToDo);
    }
    match running_until(facts, request.judged_at) {
        None => immediate(request.judged_at, StopStanding::ToDo),
        Some(end) => {
            // A stop asked for before is not moved to a later day.
            let earlier = subscription.stops_at.filter(|at| *at > request.judged_at);
            Stop {
                mode: StopMode::AtPeriodEnd,
                effective_at: earlier.map_or(end, |at| at.min(end)),
                standing: StopStanding::ToDo,
            }
        }
    }
}

/// The latest end of a paid period or trial that is running, or paid ahead, at `judged_at`.
fn running_until(facts: &Facts, judged_at: Timestamp) -> Option<Timestamp> {
    let subscription = &facts.subscription;
    let current = || {
        subscription
            .current_period
            .filter(|period| period.contains(judged_at))
            .map(|period| period.end())
    };
    // Nothing known of any payment: history from before we listened. The provider's word then counts.
    let nothing_known = facts.charges.is_empty() && subscription.free_periods.is_empty();
    let unpaid = match subscription.status {
        SubscriptionStatus::Trialing => subscription.trial_end.or_else(current),
        SubscriptionStatus::Active if nothing_known => current(),
        SubscriptionStatus::Active => None,
        SubscriptionStatus::Incomplete
        | SubscriptionStatus::PastDue
        | SubscriptionStatus::Unpaid
        | SubscriptionStatus::Paused
        | SubscriptionStatus::Canceled
        | SubscriptionStatus::Expired => return None,
    };
    let paid = facts
        .charges
        .iter()
        .filter(|charge| paid_by(charge, judged_at).is_some())
        .filter_map(|charge| Some(charge.period?.end()));
    paid.chain(subscription.free_periods.iter().map(|p| p.end()))
        .chain(unpaid)
        .filter(|end| *end > judged_at)
        .max()
}

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_stopping;

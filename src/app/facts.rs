//! A subscription and all its charges as the rules want to see them, put together from stored rows.

use super::Failure;
use super::books::{money, optional_time, period, time};
use crate::store::ReadTx;
use crate::store::rows::{Charge, Delivery, Invoice, Subscription};
use avstem_domain::cancellation::{
    self, ChargeFacts, Completion, Facts, InvoiceCoverage, SubscriptionFacts,
};
use avstem_domain::charge::{ChargeKind, ChargeStatus};
use avstem_domain::event::DisputeStanding;
use avstem_domain::id::{ChargeId, ProviderChargeId, ProviderInvoiceId};
use avstem_domain::subscription::SubscriptionStatus;
use avstem_domain::time::{BillingPeriod, Timestamp};
use links::Links;
use std::collections::{BTreeMap, BTreeSet};

mod links;

/// A subscription with its charges, newest first.
#[derive(Debug, Clone)]
pub struct SubscriptionPicture {
    pub subscription: Subscription,
    pub charges: Vec<ChargePicture>,
    /// Paid invoices that took no money.
    pub free_periods: Vec<BillingPeriod>,
}

#[derive(Debug, Clone)]
pub struct ChargePicture {
    pub row: Charge,
    pub kind: ChargeKind,
    pub period: Option<BillingPeriod>,
    /// When it was paid; None while no money was taken.
    pub paid_at: Option<Timestamp>,
    pub invoice: Option<Invoice>,
    /// The last delivery report.
    pub delivery: Option<Delivery>,
}

/// Rows of some subscriptions, by the provider's ids, of one connection.
struct Rows {
    invoices: BTreeMap<String, Invoice>,
    /// Invoices by subscription.
    billed: BTreeMap<String, BTreeSet<String>>,
    links: Links,
    /// Charges by invoice.
    charges: BTreeMap<String, Vec<Charge>>,
    deliveries: BTreeMap<String, Delivery>,
}

/// Pictures of subscriptions, in their order, in a fixed number of queries for each connection.
pub fn pictures(
    tx: &mut ReadTx<'_>,
    subscriptions: &[Subscription],
) -> Result<Vec<SubscriptionPicture>, Failure> {
    let connections: BTreeSet<&String> = subscriptions.iter().map(|row| &row.connection).collect();
    let mut rows = BTreeMap::new();
    for connection in connections {
        let ids: Vec<String> = subscriptions
            .iter()
            .filter(|row| &row.connection == connection)
            .map(|row| row.provider_id.clone())
            .collect();
        rows.insert(connection.clone(), Rows::load(tx, connection, &ids)?);
    }
    let picture = |subscription: &Subscription| match rows.get(&subscription.connection) {
        Some(rows) => rows.picture(subscription),
        None => Ok(SubscriptionPicture {
            subscription: subscription.clone(),
            charges: Vec::new(),
            free_periods: Vec::new(),
        }),
    };
    subscriptions.iter().map(picture).collect()
}

/// The charges of some subscriptions of one connection, by the provider's ids, whether or not the
/// subscriptions themselves are known here yet.
pub fn billed_to(
    tx: &mut ReadTx<'_>,
    connection: &str,
    subscriptions: &[String],
) -> Result<BTreeMap<String, Vec<ChargePicture>>, Failure> {
    let rows = Rows::load(tx, connection, subscriptions)?;
    let of = |id: &String| Ok((id.clone(), rows.charges_of(id)?));
    subscriptions.iter().map(of).collect()
}

impl Rows {
    fn load(
        tx: &mut ReadTx<'_>,
        connection: &str,
        subscriptions: &[String],
    ) -> Result<Self, Failure> {
        let mut billed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in tx.invoice_subscriptions_by_subscriptions(connection, subscriptions)? {
            billed
                .entry(row.subscription)
                .or_default()
                .insert(row.invoice);
        }
        let ids: Vec<String> = billed
            .values()
            .flatten()
            .cloned()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let invoices = tx.invoices_by_provider_ids(connection, &ids)?;
        let charges = tx.charges_by_invoices(connection, &ids)?;
        let links = Links::load(tx, connection, &charges)?;
        let charge_ids: Vec<String> = charges.iter().map(|charge| charge.id.clone()).collect();
        // Later reports replace earlier ones.
        let deliveries = tx.deliveries_by_charges(&charge_ids)?;
        let mut by_invoice: BTreeMap<String, Vec<Charge>> = BTreeMap::new();
        for charge in charges {
            by_invoice
                .entry(charge.invoice.clone().unwrap_or_default())
                .or_default()
                .push(charge);
        }
        Ok(Self {
            invoices: invoices
                .into_iter()
                .map(|row| (row.provider_id.clone(), row))
                .collect(),
            billed,
            links,
            charges: by_invoice,
            deliveries: deliveries
                .into_iter()
                .map(|row| (row.charge_id.clone(), row))
                .collect(),
        })
    }

    /// Of a subscription (the provider's id), newest first.
    fn charges_of(&self, subscription: &str) -> Result<Vec<ChargePicture>, Failure> {
        let none = BTreeSet::new();
        let billed = self.billed.get(subscription).unwrap_or(&none);
        let first_unstated = self.first_unstated(billed);
        let mut charges = Vec::new();
        for row in billed
            .iter()
            .filter_map(|invoice| self.charges.get(invoice))
            .flatten()
        {
            charges.push(self.charge(row, first_unstated)?);
        }
        charges.sort_by(|a, b| {
            (b.row.created_at, &b.row.provider_id).cmp(&(a.row.created_at, &a.row.provider_id))
        });
        Ok(charges)
    }

    fn picture(&self, subscription: &Subscription) -> Result<SubscriptionPicture, Failure> {
        let none = BTreeSet::new();
        let billed = self.billed.get(&subscription.provider_id).unwrap_or(&none);
        let charges = self.charges_of(&subscription.provider_id)?;
        let charged: BTreeSet<&String> = charges
            .iter()
            .filter(|charge| charge.row.status == "succeeded" && charge.row.amount > 0)
            .filter_map(|charge| charge.row.invoice.as_ref())
            .collect();
        let mut free_periods = Vec::new();
        for id in billed.iter().filter(|id| !charged.contains(id)) {
            if let Some(invoice) = self
                .invoices
                .get(id)
                .filter(|invoice| invoice.status == "paid" && invoice.total == 0)
            {
                free_periods.extend(period(invoice.period_start, invoice.period_end)?);
            }
        }
        Ok(SubscriptionPicture {
            subscription: subscription.clone(),
            charges,
            free_periods,
        })
    }

    /// Where the provider does not say why it invoiced, the first paid invoice is the initial one.
    fn first_unstated<'b>(&'b self, billed: &'b BTreeSet<String>) -> Option<&'b String> {
        let paid = billed
            .iter()
            .filter_map(|id| self.invoices.get(id))
            .filter(|invoice| invoice.status == "paid");
        let first =
            paid.min_by_key(|invoice| (invoice.paid_at, invoice.created_at, &invoice.provider_id))?;
        (first.reason == "unstated").then_some(&first.provider_id)
    }

    fn charge(
        &self,
        row: &Charge,
        first_unstated: Option<&String>,
    ) -> Result<ChargePicture, Failure> {
        let invoice = row
            .invoice
            .as_ref()
            .and_then(|id| self.invoices.get(id))
            .cloned();
        let kind =
            invoice
                .as_ref()
                .map_or(ChargeKind::Other, |invoice| match invoice.reason.as_str() {
                    "first_invoice" => ChargeKind::Initial,
                    "cycle" => ChargeKind::Renewal,
                    "unstated" if first_unstated == Some(&invoice.provider_id) => {
                        ChargeKind::Initial
                    }
                    "unstated" => ChargeKind::Renewal,
                    _ => ChargeKind::Other,
                });
        let billed_period = invoice
            .as_ref()
            .map(|invoice| period(invoice.period_start, invoice.period_end));
        Ok(ChargePicture {
            kind,
            period: billed_period.transpose()?.flatten(),
            paid_at: self.paid_at(row, invoice.as_ref())?,
            invoice,
            delivery: self.deliveries.get(&row.id).cloned(),
            row: row.clone(),
        })
    }

    /// The payment's own time, else the invoice's, else the charge's: the first that is known.
    fn paid_at(
        &self,
        row: &Charge,
        invoice: Option<&Invoice>,
    ) -> Result<Option<Timestamp>, Failure> {
        if row.status != "succeeded" {
            return Ok(None);
        }
        let linked = invoice.and_then(|_| self.links.paid_at(row));
        let invoiced = invoice
            .filter(|invoice| invoice.status == "paid")
            .and_then(|invoice| invoice.paid_at);
        time(linked.or(invoiced).unwrap_or(row.created_at)).map(Some)
    }
}

/// A charge that no subscription is known for: judged by itself, as not recurring.
pub fn of_lone_charge(row: &Charge) -> Result<Facts, Failure> {
    let paid_at = (row.status == "succeeded")
        .then(|| time(row.created_at))
        .transpose()?;
    let charge = ChargePicture {
        row: row.clone(),
        kind: ChargeKind::Other,
        period: None,
        paid_at,
        invoice: None,
        delivery: None,
    };
    Ok(of_charges(vec![charge.facts()?]))
}

/// Charges to be judged without anything to be stopped.
pub fn of_charges(charges: Vec<ChargeFacts>) -> Facts {
    Facts {
        subscription: SubscriptionFacts {
            status: SubscriptionStatus::Canceled,
            current_period: None,
            trial_end: None,
            free_periods: Vec::new(),
            ended_at: None,
            stops_at: None,
        },
        charges,
    }
}

impl SubscriptionPicture {
    /// What a plan is made from.
    pub fn facts(&self) -> Result<Facts, Failure> {
        let row = &self.subscription;
        let status = SubscriptionStatus::parse(&row.status)
            .ok_or_else(|| Failure::Unreadable(format!("subscription status {:?}", row.status)))?;
        let stops_at = match (row.cancel_at, row.renewal.as_str()) {
            (Some(at), _) => Some(at),
            (None, "stops") => row.period_end,
            (None, _) => None,
        };
        Ok(Facts {
            subscription: SubscriptionFacts {
                status,
                current_period: period(row.period_start, row.period_end)?,
                trial_end: optional_time(row.trial_end)?,
                free_periods: self.free_periods.clone(),
                ended_at: optional_time(
                    row.ended_at
                        .or(row.canceled_at.filter(|_| status.is_terminal())),
                )?,
                stops_at: optional_time(stops_at)?,
            },
            charges: self
                .charges
                .iter()
                .map(ChargePicture::facts)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Our id of the latest charge as of an instant; the newest of several payments of one invoice.
    pub fn latest_charge(&self, as_of: Timestamp) -> Result<Option<ChargeId>, Failure> {
        Ok(cancellation::latest_charges(&self.facts()?, as_of)
            .first()
            .copied())
    }
}

impl ChargePicture {
    pub fn facts(&self) -> Result<ChargeFacts, Failure> {
        let row = &self.row;
        let unreadable = |what: &str| Failure::Unreadable(format!("charge {}: {what}", row.id));
        let shared = self
            .invoice
            .as_ref()
            .is_some_and(|invoice| invoice.subscriptions > 1);
        Ok(ChargeFacts {
            charge: ChargeId::parse(&row.id).map_err(|e| Failure::unreadable("charge id", e))?,
            provider_charge: ProviderChargeId::parse(&row.provider_id)
                .map_err(|e| Failure::unreadable("charge", e))?,
            kind: self.kind,
            status: ChargeStatus::parse(&row.status).ok_or_else(|| unreadable("status"))?,
            amount: money(row.amount, &row.currency)?,
            refunded: money(self.refunded(), &row.currency)?,
            dispute: dispute(&row.dispute).ok_or_else(|| unreadable("dispute"))?,
            paid_at: self.paid_at,
            invoice: row
                .invoice
                .as_deref()
                .map(ProviderInvoiceId::parse)
                .transpose()
                .map_err(|e| Failure::unreadable("invoice", e))?,
            period: self.period,
            coverage: if shared {
                InvoiceCoverage::SeveralSubscriptions
            } else {
                InvoiceCoverage::ThisSubscription
            },
            delivery: self.delivery.as_ref().map(delivery),
        })
    }

    /// Refunds done and under way, in minor units: what we know of, or the provider's own total where
    /// that is more.
    #[must_use]
    pub fn refunded(&self) -> i64 {
        self.row.refunded.max(self.row.refunded_hint)
    }
}

fn dispute(text: &str) -> Option<DisputeStanding> {
    match text {
        "undisputed" => Some(DisputeStanding::Undisputed),
        "refundable" => Some(DisputeStanding::Refundable),
        "blocks" => Some(DisputeStanding::Blocks),
        _ => None,
    }
}

fn delivery(row: &Delivery) -> cancellation::Delivery {
    cancellation::Delivery {
        ordered: row.ordered,
        delivered: row.delivered,
        completed: if row.completed {
            Completion::Completed
        } else {
            Completion::NotCompleted
        },
    }
}

//! What an API answered, beside our own records: what taking it in would change, and what would still be
//! different afterwards. Nothing is changed here: it is applied to the working copy only.

use super::super::Failure;
use super::refund::{came_back, refund_state};
use super::rows::money;
use super::{Books, Keeping};
use crate::store::WriteTx;
use crate::store::rows::{
    Charge, Dispute, DisputeMovement, InvoicePayment, Payout, Refund, Subscription,
};
use avstem_domain::event::Fact;
use avstem_domain::id::ProviderChargeId;
use avstem_domain::money::Money;
use avstem_domain::subscription::SubscriptionStatus;
use avstem_domain::time::Timestamp;
use avstem_webhooks::Observation;

/// How answers stand to our records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What would change them.
    pub behind: Vec<Observation>,
    /// Charges that some money is of, and that are not here: it cannot be compared before they are.
    pub unknown: Vec<ProviderChargeId>,
    /// What they would go on contradicting.
    pub contradictions: Vec<Contradiction>,
}

/// An object of which our records say another thing than the provider, and keep to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The provider's id.
    pub id: String,
    /// Words for staff: how it stands here, and there.
    pub ours: String,
    pub theirs: String,
    /// The money that it is about by our records, and by the provider.
    pub expected: Money,
    pub found: Money,
    pub made_at: i64,
}

/// An object's row, without what every look at it changes.
#[derive(PartialEq)]
enum Shown {
    Nothing,
    Subscription(Subscription),
    Charge(Charge),
    Refund(Refund),
    Dispute(Dispute, Vec<DisputeMovement>),
    Payout(Payout),
    Link(InvoicePayment),
}

/// How an object stands by one of the two.
struct Stand {
    state: String,
    /// What its money comes to in that state.
    counts: Money,
    made_at: i64,
    version: String,
}

/// What has no price is worth nothing, in any currency.
const ANY_CURRENCY: &str = "EUR";

/// Compares answers with our records.
pub fn compare(
    tx: &mut WriteTx<'_>,
    keeping: Keeping<'_>,
    connection: &str,
    observations: &[Observation],
) -> Result<Comparison, Failure> {
    let mut books = Books::open(tx, keeping, connection, observations)?;
    let mut comparison = Comparison::default();
    // Charges first, so that what is of them finds them.
    let (of_charges, others): (Vec<&Observation>, Vec<&Observation>) = observations
        .iter()
        .partition(|observation| observation.fact.money_of().is_some());
    for observation in others.into_iter().chain(of_charges) {
        let fact = &observation.fact;
        if !books.knows_charge_of(fact) {
            let charge = fact.money_of().and_then(|of| of.charge);
            comparison.unknown.extend(charge.cloned());
            continue;
        }
        let before = books.shown(fact);
        books.apply_one(observation)?;
        if books.shown(fact) != before {
            comparison.behind.push(observation.clone());
        }
        comparison
            .contradictions
            .extend(books.contradiction(observation)?);
    }
    Ok(comparison)
}

/// How what is known here stands, and the provider knows nothing of.
pub fn unknown_there(
    tx: &mut WriteTx<'_>,
    connection: &str,
    kind: &str,
    ids: &[String],
) -> Result<Vec<Contradiction>, Failure> {
    let mut stands = Vec::new();
    for row in tx.subscriptions_by_provider_ids(connection, ids)? {
        stands.push((row.provider_id.clone(), of_subscription(&row)?));
    }
    for row in tx.charges_by_provider_ids(connection, ids)? {
        stands.push((row.provider_id.clone(), of_charge(&row)?));
    }
    for row in tx.refunds_by_provider_ids(connection, ids)? {
        let id = row.provider_id.clone().unwrap_or_default();
        stands.push((id, of_refund(&row)?));
    }
    for row in tx.disputes_by_provider_ids(connection, ids)? {
        stands.push((row.provider_id.clone(), of_dispute(&row)?));
    }
    for row in tx.payouts_by_provider_ids(connection, ids)? {
        stands.push((row.provider_id.clone(), of_payout(&row)?));
    }
    let contradiction = |(id, ours): (String, Stand)| Contradiction {
        id,
        ours: ours.state,
        theirs: format!("has no such {kind}"),
        expected: ours.counts,
        found: Money::zero(ours.counts.currency()),
        made_at: ours.made_at,
    };
    Ok(stands.into_iter().map(contradiction).collect())
}

impl Books<'_> {
    fn shown(&self, fact: &Fact) -> Shown {
        let blank = String::new;
        let shown = match fact {
            // Neither is listed by itself.
            Fact::Customer(_) | Fact::Invoice(_) => None,
            Fact::Subscription(fact) => self.subscriptions.get(fact.id.as_str()).map(|row| {
                Shown::Subscription(Subscription {
                    version: blank(),
                    seen_renewing_at: None,
                    ..row.clone()
                })
            }),
            Fact::InvoicePayment(fact) => {
                let payment = super::apply::payment_key(&fact.payment).to_owned();
                let link = self.links.get(&(payment, fact.invoice.to_string()));
                link.cloned().map(Shown::Link)
            }
            Fact::Charge(fact) => self.charges.get(fact.id.as_str()).map(|row| {
                Shown::Charge(Charge {
                    version: blank(),
                    link_due_at: None,
                    ..row.clone()
                })
            }),
            Fact::Refund(fact) => self.refund_by_provider_id(fact.id.as_str()).map(|row| {
                Shown::Refund(Refund {
                    version: blank(),
                    due_at: None,
                    attention: None,
                    ..row.clone()
                })
            }),
            Fact::Dispute(fact) => self.disputes.get(fact.id.as_str()).map(|row| {
                let lines = self.movements.values();
                let lines = lines.filter(|line| line.dispute_id == row.id).cloned();
                let row = Dispute {
                    version: blank(),
                    told_at: 0,
                    ..row.clone()
                };
                Shown::Dispute(row, lines.collect())
            }),
            Fact::Payout(fact) => self.payouts.get(fact.id.as_str()).map(|row| {
                Shown::Payout(Payout {
                    version: blank(),
                    told_at: 0,
                    members_due_at: None,
                    ..row.clone()
                })
            }),
        };
        shown.unwrap_or(Shown::Nothing)
    }

    fn refund_by_provider_id(&self, id: &str) -> Option<&Refund> {
        let mut refunds = self.refunds.values();
        refunds.find(|row| row.provider_id.as_deref() == Some(id))
    }

    /// What our record goes on saying against an answer that is newer than it.
    fn contradiction(&self, observation: &Observation) -> Result<Option<Contradiction>, Failure> {
        let Some((id, ours, theirs)) = self.stands(&observation.fact)? else {
            return Ok(None);
        };
        let (known, asked) = (
            told_at(&ours.version),
            second(observation.version.observed_at),
        );
        // What was told within the second of asking may be the newer of the two.
        let newer = known > Some(asked) || (known == Some(asked) && ours.state != theirs.state);
        if newer || (ours.state == theirs.state && ours.counts == theirs.counts) {
            return Ok(None);
        }
        Ok(Some(Contradiction {
            id,
            ours: ours.state,
            theirs: format!("has it as {}", theirs.state),
            expected: ours.counts,
            found: theirs.counts,
            made_at: ours.made_at,
        }))
    }

    /// The provider's id of what is listed by itself, how it stands here, and there.
    fn stands(&self, fact: &Fact) -> Result<Option<(String, Stand, Stand)>, Failure> {
        Ok(match fact {
            Fact::Customer(_) | Fact::Invoice(_) | Fact::InvoicePayment(_) => None,
            Fact::Subscription(fact) => {
                let Some(row) = self.subscriptions.get(fact.id.as_str()) else {
                    return Ok(None);
                };
                let theirs = Subscription {
                    status: fact.status.as_str().to_owned(),
                    ..row.clone()
                };
                Some((
                    fact.id.to_string(),
                    of_subscription(row)?,
                    of_subscription(&theirs)?,
                ))
            }
            Fact::Charge(fact) => {
                let Some(row) = self.charges.get(fact.id.as_str()) else {
                    return Ok(None);
                };
                let theirs = Charge {
                    status: fact.status.as_str().to_owned(),
                    amount: fact.amount.minor(),
                    currency: fact.amount.currency().code().to_owned(),
                    ..row.clone()
                };
                Some((fact.id.to_string(), of_charge(row)?, of_charge(&theirs)?))
            }
            Fact::Refund(fact) => {
                let Some(row) = self.refund_by_provider_id(fact.id.as_str()) else {
                    return Ok(None);
                };
                let theirs = Refund {
                    state: refund_state(fact.status).to_owned(),
                    amount: fact.amount.minor(),
                    currency: fact.amount.currency().code().to_owned(),
                    ..row.clone()
                };
                Some((fact.id.to_string(), of_refund(row)?, of_refund(&theirs)?))
            }
            Fact::Dispute(fact) => {
                let Some(row) = self.disputes.get(fact.id.as_str()) else {
                    return Ok(None);
                };
                let theirs = Dispute {
                    status: fact.status.as_str().to_owned(),
                    ..row.clone()
                };
                Some((fact.id.to_string(), of_dispute(row)?, of_dispute(&theirs)?))
            }
            Fact::Payout(fact) => {
                let Some(row) = self.payouts.get(fact.id.as_str()) else {
                    return Ok(None);
                };
                let theirs = Payout {
                    status: fact.status.as_str().to_owned(),
                    ..row.clone()
                };
                Some((fact.id.to_string(), of_payout(row)?, of_payout(&theirs)?))
            }
        })
    }
}

/// The second of which the snapshot is that made a row.
fn told_at(version: &str) -> Option<i64> {
    let micros: i64 = version.split('-').nth(1)?.parse().ok()?;
    Some(micros.div_euclid(1_000_000))
}

const fn second(at: Timestamp) -> i64 {
    at.unix_seconds()
}

/// A subscription is worth its price while it lives.
fn of_subscription(row: &Subscription) -> Result<Stand, Failure> {
    let lives = SubscriptionStatus::parse(&row.status).is_some_and(|known| !known.is_terminal());
    let price = row.price.filter(|_| lives).unwrap_or(0);
    let currency = row.currency.as_deref().unwrap_or(ANY_CURRENCY);
    Ok(Stand {
        counts: money(price, currency)?,
        state: row.status.clone(),
        made_at: row.created_at,
        version: row.version.clone(),
    })
}

fn of_charge(row: &Charge) -> Result<Stand, Failure> {
    let taken = Some(row.amount).filter(|_| row.status == "succeeded");
    Ok(Stand {
        counts: money(taken.unwrap_or(0), &row.currency)?,
        state: row.status.clone(),
        made_at: row.created_at,
        version: row.version.clone(),
    })
}

fn of_refund(row: &Refund) -> Result<Stand, Failure> {
    let given = Some(row.amount).filter(|_| !came_back(&row.state));
    Ok(Stand {
        counts: money(given.unwrap_or(0), &row.currency)?,
        state: row.state.clone(),
        made_at: row.created_at,
        version: row.version.clone(),
    })
}

fn of_dispute(row: &Dispute) -> Result<Stand, Failure> {
    Ok(Stand {
        counts: money(row.amount, &row.currency)?,
        state: row.status.clone(),
        made_at: row.created_at,
        version: row.version.clone(),
    })
}

fn of_payout(row: &Payout) -> Result<Stand, Failure> {
    let sent = Some(row.amount).filter(|_| !matches!(row.status.as_str(), "failed" | "canceled"));
    Ok(Stand {
        counts: money(sent.unwrap_or(0), &row.currency)?,
        state: row.status.clone(),
        made_at: row.created_at,
        version: row.version.clone(),
    })
}

//! A refund asked for without stopping anything: the same rules, judged now.

use super::books::{self, Books};
use super::cancellation::{picture_of, read_from_provider};
use super::facts;
use super::provider::{Link, Unread, link};
use super::refund_operation::{Grant, operation};
use super::{App, Failure};
use crate::store::rows::{Charge, Refund, Subscription};
use crate::store::{ReadTx, StoreError, WriteTx};
use avstem_domain::cancellation::{Facts, RefundChoice, Request, plan};
use avstem_domain::id::ProviderChargeId;
use avstem_domain::refund_policy::Verdict;
use avstem_webhooks::outbound::Ask;

#[derive(Debug, Clone)]
pub struct RequestRefund {
    /// Our id or the provider's.
    pub charge: String,
    pub reason: Option<String>,
    /// API key and Idempotency-Key: the same request finds the refund it made.
    pub request_ref: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    #[error("there is no such charge")]
    ChargeNotFound,
    #[error("the refund policy does not grant it: {}", .0.explanation.en)]
    Rejected(Box<Verdict>),
    #[error("the invoice of charge {0} bills several subscriptions: split it and refund by hand")]
    SharedInvoice(String),
    #[error(
        "connection {connection:?} has no api_key, so nothing can be refunded there; set connections.{connection}.api_key"
    )]
    ProviderNotConfigured { connection: String },
    #[error(
        "the provider could not be asked what is left of the charge ({why}); try again soon. Nothing was done"
    )]
    ProviderUnavailable { why: String },
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<StoreError> for RefundError {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// Judges the charge by what the provider says now, and starts the refund if the rules grant one.
pub fn request(app: &App, command: RequestRefund) -> Result<Refund, RefundError> {
    let charge = app.store.read(|tx| {
        if let Some(made) = command
            .request_ref
            .as_deref()
            .map(|at| tx.refund_by_request(at))
            .transpose()?
            .flatten()
        {
            return Ok(Found::Made(Box::new(made)));
        }
        tx.find_charge(&command.charge)?
            .map(|charge| Found::Charge(Box::new(charge)))
            .ok_or(RefundError::ChargeNotFound)
    })?;
    let charge = match charge {
        Found::Made(refund) => return Ok(*refund),
        Found::Charge(charge) => *charge,
    };
    let link = configured(app, &charge)?;
    refresh(app, &link, &charge)?;
    let seam = |name| app.seams.cross(name).map_err(Failure::from);
    seam("tx:refund-request:before")?;
    let refund = app
        .store
        .write(|tx| decide(app, tx, &command, &charge.id))?;
    seam("tx:refund-request:after")?;
    tracing::info!(refund.id = %refund.id, charge.id = %charge.id, "Took refund {}", refund.id);
    app.signals.refunds.ring();
    Ok(refund)
}

enum Found {
    Made(Box<Refund>),
    Charge(Box<Charge>),
}

fn configured<'a>(app: &'a App, charge: &Charge) -> Result<Link<'a>, RefundError> {
    let link = link(app, &charge.connection)?;
    if link.connection.api_key.is_none() {
        return Err(RefundError::ProviderNotConfigured {
            connection: charge.connection.clone(),
        });
    }
    Ok(link)
}

/// Reads the charge's subscription again, or the charge alone where it has none.
fn refresh(app: &App, link: &Link<'_>, charge: &Charge) -> Result<(), RefundError> {
    let subscription = app
        .store
        .read(|tx| Ok::<_, Failure>(subscriptions_of(tx, charge)?.into_iter().next()))?;
    let observations = match subscription {
        Some(subscription) => read_from_provider(link, &subscription)?,
        None => {
            let id = ProviderChargeId::parse(&charge.provider_id)
                .map_err(|e| Failure::unreadable("charge", e))?;
            link.read_all(|_| Ask::FetchCharge(id.clone()))?
        }
    };
    match observations {
        Ok(observations) => {
            app.store
                .write(|tx| books::absorb(tx, app.keeping(), &charge.connection, &observations))?;
            Ok(())
        }
        Err(Unread::NotFound) => Ok(()),
        Err(Unread::Later { why, .. } | Unread::NeedsPerson { why }) => {
            Err(RefundError::ProviderUnavailable { why })
        }
    }
}

fn subscriptions_of(tx: &mut ReadTx<'_>, charge: &Charge) -> Result<Vec<Subscription>, Failure> {
    let invoices: Vec<String> = charge.invoice.iter().cloned().collect();
    let billed = tx.invoice_subscriptions_by_invoices(&charge.connection, &invoices)?;
    let ids: Vec<String> = billed.into_iter().map(|row| row.subscription).collect();
    Ok(tx.subscriptions_by_provider_ids(&charge.connection, &ids)?)
}

fn decide(
    app: &App,
    tx: &mut WriteTx<'_>,
    command: &RequestRefund,
    charge_id: &str,
) -> Result<Refund, RefundError> {
    if let Some(made) = command
        .request_ref
        .as_deref()
        .map(|at| tx.refund_by_request(at))
        .transpose()?
        .flatten()
    {
        return Ok(made);
    }
    let charge = tx
        .charges_by_ids(&[charge_id.to_owned()])?
        .pop()
        .ok_or(RefundError::ChargeNotFound)?;
    let subscriptions = subscriptions_of(tx, &charge)?;
    let facts = match subscriptions.as_slice() {
        [] => facts::of_lone_charge(&charge)?,
        [one] => picture_of(tx, one.clone())?.facts()?,
        [_, _, ..] => return Err(RefundError::SharedInvoice(charge.id)),
    };
    let verdict = judge(app, &facts, &charge)?;
    let Some(amount) = verdict.decision.refund_amount() else {
        return Err(RefundError::Rejected(Box::new(verdict)));
    };
    let grant = Grant {
        charge: charge.clone(),
        amount: amount.minor(),
        cancellation: None,
        code: verdict.code.as_str().to_owned(),
        reason: command.reason.clone(),
        request_ref: command.request_ref.clone(),
    };
    let refund = operation(app, &grant)?;
    let mut books = Books::of_charges(
        tx,
        app.keeping(),
        &charge.connection,
        std::iter::once(&charge),
    )?;
    books.decide_refund(refund.clone());
    books.close(tx)?;
    Ok(refund)
}

fn judge(app: &App, facts: &Facts, charge: &Charge) -> Result<Verdict, RefundError> {
    let request = Request {
        judged_at: app.clock.now(),
        refund: RefundChoice::Policy,
    };
    let plan = plan(facts, request, &app.policy, app.config.time_zone).map_err(Failure::from)?;
    let verdict = plan
        .verdicts
        .into_iter()
        .find(|verdict| verdict.charge.to_string() == charge.id);
    let missing = || Failure::Unreadable(format!("charge {} has no verdict", charge.id));
    Ok(verdict.ok_or_else(missing)?)
}

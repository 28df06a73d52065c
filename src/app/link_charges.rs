//! Asks the provider which invoice a charge paid, where no event told.
//!
//! In newer API shapes a charge does not name its invoice; an event of its own does, which an endpoint
//! of an early version, or one that is not set up for it, never sends.

use super::backoff::wait_s;
use super::books::absorb;
use super::provider::{Unread, link};
use super::{App, Failure};
use crate::store::rows::Charge;
use avstem_domain::id::{ProviderInvoiceId, ProviderPaymentId};
use avstem_webhooks::Observation;
use avstem_webhooks::outbound::Ask;

/// How long the event that tells may take before we ask.
pub const ASK_AFTER_S: i64 = 30;
/// When the provider cannot be asked now.
const ASK_AGAIN_S: i64 = 600;
const ROUND_MAX: i64 = 20;

/// Asks for every charge that is due; returns how many there were.
pub fn run_due(app: &App) -> Result<usize, Failure> {
    let now = app.clock.now().as_micros();
    let due = app
        .store
        .read(|tx| tx.charges_to_link(now, ROUND_MAX).map_err(Failure::from))?;
    for charge in &due {
        ask(app, charge)?;
    }
    Ok(due.len())
}

fn ask(app: &App, charge: &Charge) -> Result<(), Failure> {
    let Ok(link) = link(app, &charge.connection) else {
        return done(app, charge, &[]);
    };
    let payment = charge.payment.as_deref().map(ProviderPaymentId::parse);
    let (Some(Ok(payment)), Some(_)) = (payment, &link.connection.api_key) else {
        return done(app, charge, &[]);
    };
    let mut observed = match link.read_all(|_| Ask::FindInvoiceOfPayment(payment.clone()))? {
        Ok(observed) => observed,
        Err(unread) => return not_now(app, charge, &unread),
    };
    for invoice in invoices(&observed) {
        match link.read_all(|_| Ask::FetchInvoice(invoice.clone()))? {
            Ok(found) => observed.extend(found),
            Err(unread) => return not_now(app, charge, &unread),
        }
    }
    done(app, charge, &observed)
}

fn invoices(observed: &[Observation]) -> Vec<ProviderInvoiceId> {
    let links = observed.iter().filter_map(|o| o.fact.as_invoice_payment());
    links.map(|link| link.invoice.clone()).collect()
}

/// Takes in what was said. A charge that paid no invoice is not asked about again.
fn done(app: &App, charge: &Charge, observed: &[Observation]) -> Result<(), Failure> {
    app.store.write(|tx| {
        absorb(tx, app.keeping(), &charge.connection, observed)?;
        Ok(tx.set_link_due(&charge.id, None)?)
    })
}

fn not_now(app: &App, charge: &Charge, unread: &Unread) -> Result<(), Failure> {
    let wait = match unread {
        Unread::NotFound => return done(app, charge, &[]),
        Unread::Later { retry_after_s, .. } => wait_s(i64::MAX, *retry_after_s),
        Unread::NeedsPerson { .. } => ASK_AGAIN_S,
    };
    tracing::warn!(charge.id = %charge.id, "Could not ask which invoice charge {} paid", charge.id);
    let due = app.clock.now().saturating_add_seconds(wait).as_micros();
    app.store
        .write(|tx| Ok(tx.set_link_due(&charge.id, Some(due))?))
}

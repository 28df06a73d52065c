//! What webhooks cannot tell, because they were lost, or because nobody should have done it: found by
//! comparing with the provider.

use super::narrator::{Narrator, equal};
use super::questions::{finished, quiet, text};
use super::{DemoError, Stage, setup};
use crate::app::sync::{SyncRequest, sync};
use avstem_simulator::{Interval, PaymentBehavior, Plan};
use serde_json::json;
use std::time::Duration;

pub fn with_the_provider(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    narrator.chapter("Webhooks are lost, and a customer who has left is charged");
    let sixten = sixten_comes_unnoticed(stage);
    is_charged_after_leaving(stage)?;
    quiet(stage)?;
    let request = SyncRequest {
        connection: "stripe".to_owned(),
        made_from: None,
        holder: "demo".to_owned(),
    };
    let report = sync(&stage.app, &request, &mut |_| {}).map_err(setup("avstem sync"))?;
    for kind in &report.kinds {
        narrator.say(format_args!(
            "    {:<18} {:>4} compared, {:>2} repaired",
            kind.kind, kind.seen, kind.repaired
        ));
    }
    quiet(stage)?;
    let known = stage.client.get(&format!("/v1/subscriptions/{sixten}"))?;
    narrator.claim(
        "a subscription that no webhook told of is known",
        equal(&text(&known, "status"), &"active".to_owned()),
    );
    for kind in ["refund_outside_policy", "charged_after_cancellation"] {
        let found = report.breaks.get(kind).copied().unwrap_or_default();
        narrator.claim(&format!("a break: {kind}"), equal(&found, &1));
    }
    Ok(())
}

/// Somebody subscribes, and every webhook about it is lost.
fn sixten_comes_unnoticed(stage: &Stage) -> String {
    let mut provider = stage.provider.simulator();
    provider.faults().drop_deliveries(100);
    let customer = provider.create_customer("sixten@kund.example", "Sixten", "sv");
    let plan = Plan {
        name: "Bas".to_owned(),
        amount_minor: 24_900,
        tax_minor: 4_980,
        interval: Interval::Month,
        count: 1,
        trial_days: 0,
    };
    let subscription = provider.subscribe(&customer, &plan);
    provider.faults().drop_deliveries(0);
    subscription
}

/// Malva leaves with a payment that is overdue, while a debit of her bank account for it is under way. It
/// takes her money when her billing has stopped, and she had said that she wants nothing back.
fn is_charged_after_leaving(stage: &Stage) -> Result<(), DemoError> {
    let malva = &stage.cast.malva;
    let invoice = {
        let mut provider = stage.provider.simulator();
        let invoices = provider.invoices_of(&malva.subscription).into_iter();
        let open = invoices.rev().find(|invoice| invoice.status == "open");
        let invoice = open.map(|invoice| invoice.id).unwrap_or_default();
        provider.set_payment_behavior(&malva.customer, PaymentBehavior::StaysProcessing);
        provider.begin_paying_renewal(&invoice);
        invoice
    };
    quiet(stage)?;
    let target = format!("/v1/subscriptions/{}/cancellation", malva.subscription);
    let asked = json!({ "requested_by": "customer", "refund": "none" });
    let first = stage.client.post(&target, &asked)?;
    let done = finished(stage, &first)?;
    // The provider tells time in whole seconds.
    std::thread::sleep(Duration::from_secs(2));
    stage.provider.simulator().pay_renewal(&invoice);
    quiet(stage)?;
    finished(stage, &done)?;
    Ok(())
}

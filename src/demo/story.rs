//! The story: what happens, in order, and what must hold after each scene.

use super::narrator::{Narrator, equal};
use super::questions::{
    at, cancel, codes, everyone, finished, owed, provider_totals, quiet, refunds_made,
    stopped_first, tell_verdicts, text,
};
use super::rebuilt::rebuild;
use super::{DemoError, Stage, compared, month, month_end, trouble};
use crate::app::{seal_ledger, verify_ledger};
use avstem_simulator::{Action, CallMatch, Fault};
use avstem_webhooks::outbound::Method;
use serde_json::json;
use std::collections::BTreeMap;

/// The months before: webhooks, many of them twice and none in order, until nothing waits.
pub fn introduction(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    narrator
        .say("Avstem: a company's months, told by a simulated payment provider over real HTTP.");
    narrator.chapter("Webhooks arrive");
    let events = quiet(stage)?;
    narrator.say(format_args!(
        "  {events} signed webhooks in two API shapes, about a third of them delivered twice, none in order."
    ));
    let (subscriptions, charges, taken) = provider_totals(stage);
    let kept = stage.client.get("/v1/subscriptions?limit=100")?;
    let kept = at(&kept, "/data").as_array().map_or(0, Vec::len);
    narrator.claim("every subscription is known", equal(&kept, &subscriptions));
    let mut seen = 0;
    for person in everyone(stage) {
        let target = format!(
            "/v1/subscriptions/{}/charges?limit=100",
            person.subscription
        );
        let answer = stage.client.get(&target)?;
        seen += at(&answer, "/data")
            .as_array()
            .into_iter()
            .flatten()
            .filter(|c| at(c, "/status") == "succeeded")
            .count();
    }
    narrator.claim("every charge is known, and once", equal(&seen, &charges));
    narrator.claim(
        "the provider owes us in the books what it took",
        equal(&owed(stage)?, &taken),
    );
    Ok(())
}

/// Where to look when the demo stays up.
pub fn invitation(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    let astrid = &stage.cast.astrid;
    let session = stage.client.post(
        "/v1/portal-sessions",
        &json!({ "customer": astrid.customer }),
    )?;
    let base = stage.client.base();
    narrator.chapter("Look around");
    narrator.say(format_args!(
        "  Account page of {} (single use, ten minutes):",
        astrid.name
    ));
    narrator.say(format_args!("    {}", text(&session, "url")));
    narrator.say(format_args!("  API key (role admin): {}", stage.admin_key));
    narrator.say(format_args!(
        "    curl -H 'Authorization: Bearer {}' {base}/v1/subscriptions",
        stage.admin_key
    ));
    narrator.say(format_args!(
        "    curl -X POST -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' \\",
        stage.admin_key
    ));
    narrator.say(format_args!(
        "         -d '{{\"requested_by\":\"support\"}}' {base}/v1/subscriptions/{}/cancellation",
        astrid.subscription
    ));
    narrator.say("  What disagrees at the kiosk, and pictures of it:");
    for target in [
        "breaks?state=open",
        "reports/reconciliation.svg",
        "reports/waterfall.svg",
    ] {
        narrator.say(format_args!(
            "    curl -H 'Authorization: Bearer {}' '{base}/v1/{target}'",
            stage.admin_key
        ));
    }
    narrator.say("  Everything is gone when you stop it with Ctrl-C.");
    Ok(())
}

pub fn the_whole(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    astrid_cancels(stage, narrator)?;
    bodil_is_renewed_meanwhile(stage, narrator)?;
    cornelius_got_half(stage, narrator)?;
    disa_never_paid(stage, narrator)?;
    edvin_is_on_trial(stage, narrator)?;
    trouble::the_whole(stage, narrator)?;
    compared::with_the_provider(stage, narrator)?;
    month::goes_wrong(stage, narrator)?;
    month::is_settled(stage, narrator)?;
    the_books(stage, narrator)?;
    month_end::a_year(narrator)?;
    let held = narrator.held();
    let failed = narrator.failed();
    narrator.say(format_args!("\n{held} claims held, {failed} did not."));
    Ok(())
}

fn astrid_cancels(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    let astrid = &stage.cast.astrid;
    narrator.chapter("Astrid cancels, and the provider's answer to her refund is lost");
    let refunds = CallMatch::next(Method::Post, "/v1/refunds");
    stage
        .provider
        .simulator()
        .faults()
        .on(refunds, Fault::LoseAnswerAfterEffect);
    let first = cancel(stage, &astrid.subscription)?;
    let again = cancel(stage, &astrid.subscription)?;
    narrator.claim(
        "a second click finds the first one's cancellation",
        equal(&text(&again, "id"), &text(&first, "id")),
    );
    let done = finished(stage, &first)?;
    tell_verdicts(narrator, &done);
    narrator.claim(
        "it is completed",
        equal(&text(&done, "state"), &"completed".to_owned()),
    );
    narrator.claim(
        "exactly one refund left, although its answer was lost",
        equal(&refunds_made(stage, &astrid.subscription), &1),
    );
    narrator.claim(
        "billing stopped before money moved",
        stopped_first(stage, &astrid.subscription),
    );
    let status = stage
        .provider
        .simulator()
        .subscription_view(&astrid.subscription)
        .map(|view| view.status);
    narrator.claim(
        "the provider bills no more",
        equal(
            &status.unwrap_or_default().to_string(),
            &"canceled".to_owned(),
        ),
    );
    Ok(())
}

fn bodil_is_renewed_meanwhile(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    let bodil = &stage.cast.bodil;
    narrator.chapter("Bodil cancels too late for a refund, and is renewed while she does");
    {
        let mut provider = stage.provider.simulator();
        let stop = || CallMatch::next(Method::Post, "/v1/subscriptions/*");
        provider.faults().before(
            stop(),
            Action::StartRenewal {
                subscription: bodil.subscription.clone(),
            },
        );
        provider.faults().before(
            stop(),
            Action::PayRenewal {
                subscription: bodil.subscription.clone(),
            },
        );
    }
    let done = cancel(stage, &bodil.subscription).and_then(|first| finished(stage, &first))?;
    tell_verdicts(narrator, &done);
    let codes = codes(&done);
    let late = codes
        .iter()
        .filter(|code| *code == "charged_after_request")
        .count();
    let outside = codes
        .iter()
        .filter(|code| *code == "outside_window")
        .count();
    narrator.claim(
        "the renewal taken after her request goes back",
        equal(&late, &1),
    );
    narrator.claim(
        "her latest charge as of the request is outside the window",
        equal(&outside, &1),
    );
    narrator.claim(
        "exactly one refund left",
        equal(&refunds_made(stage, &bodil.subscription), &1),
    );
    narrator.claim(
        "it stopped at once in the end",
        equal(&text(at(&done, "/stop"), "mode"), &"immediate".to_owned()),
    );
    Ok(())
}

fn cornelius_got_half(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    let cornelius = &stage.cast.cornelius;
    narrator.chapter("Cornelius has received 12 of 30 units of his latest period");
    let charges = stage.client.get(&format!(
        "/v1/subscriptions/{}/charges",
        cornelius.subscription
    ))?;
    let report = json!({ "charge": at(&charges, "/data/0/id"), "ordered": 30, "delivered": 12 });
    stage.client.post(
        &format!("/v1/subscriptions/{}/deliveries", cornelius.subscription),
        &report,
    )?;
    let done = cancel(stage, &cornelius.subscription).and_then(|first| finished(stage, &first))?;
    tell_verdicts(narrator, &done);
    let amount = text(at(&done, "/refunds/0/amount"), "amount");
    narrator.claim(
        "the share not delivered comes back: 499.00 × 18 / 30",
        equal(&amount, &"299.40".to_owned()),
    );
    Ok(())
}

fn disa_never_paid(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    let disa = &stage.cast.disa;
    narrator.chapter("Disa's card has stopped working");
    let done = cancel(stage, &disa.subscription).and_then(|first| finished(stage, &first))?;
    tell_verdicts(narrator, &done);
    narrator.claim(
        "it stops at once",
        equal(&text(at(&done, "/stop"), "mode"), &"immediate".to_owned()),
    );
    narrator.claim(
        "nothing is refunded",
        equal(&refunds_made(stage, &disa.subscription), &0),
    );
    let open = stage.provider.simulator().invoices_of(&disa.subscription);
    let open = open
        .iter()
        .filter(|invoice| matches!(invoice.status, "open" | "draft"))
        .count();
    narrator.claim("no invoice of hers is left to collect", equal(&open, &0));
    Ok(())
}

fn edvin_is_on_trial(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    let edvin = &stage.cast.edvin;
    narrator.chapter("Edvin cancels in his trial");
    let done = cancel(stage, &edvin.subscription).and_then(|first| finished(stage, &first))?;
    narrator.claim(
        "his trial runs to its end, then nothing",
        equal(
            &text(at(&done, "/stop"), "mode"),
            &"at_period_end".to_owned(),
        ),
    );
    Ok(())
}

fn the_books(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    narrator.chapter("The books");
    quiet(stage)?;
    let (_, _, taken) = provider_totals(stage);
    narrator.claim(
        "they agree with the provider to the öre",
        equal(&owed(stage)?, &taken),
    );
    let balance = stage.client.get("/v1/ledger/trial-balance")?;
    for (currency, sums) in at(&balance, "/currencies")
        .as_object()
        .into_iter()
        .flatten()
    {
        for (account, amount) in at(sums, "/accounts").as_object().into_iter().flatten() {
            let amount = amount.as_str().unwrap_or_default();
            narrator.say(format_args!("    {account:<36} {amount:>14} {currency}"));
        }
        let total = text(sums, "total");
        narrator.say(format_args!("    {:<36} {total:>14} {currency}", "total"));
        narrator.claim("debits equal credits", equal(&total, &"0.00".to_owned()));
    }
    verify(stage, narrator);
    rebuild(stage, narrator);
    export(stage, narrator)
}

fn verify(stage: &Stage, narrator: &mut Narrator) {
    let sealed = seal_ledger::seal(&stage.app, "demo");
    let verified = sealed.and_then(|_| verify_ledger::verify(&stage.app, &mut |_| {}));
    let outcome = match verified {
        Ok(found) if found.findings.is_empty() => Ok(format!(
            "{} journals, {} effects",
            found.counts.journals, found.counts.effects
        )),
        Ok(found) => Err(format!("{:?}", found.findings)),
        Err(error) => Err(error.to_string()),
    };
    narrator.claim(
        "the ledger verifies: balanced, chained, every effect with its journal",
        outcome,
    );
}

fn export(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    let journal = stage.client.text("/v1/exports/journal.csv")?;
    let again = stage.client.text("/v1/exports/journal.csv")?;
    let mut sums: BTreeMap<String, rust_decimal::Decimal> = BTreeMap::new();
    let mut rows = csv::Reader::from_reader(journal.as_bytes());
    let mut count = 0usize;
    for row in rows.records() {
        let row = row.map_err(|error| DemoError::Api(format!("journal.csv: {error}")))?;
        let amount: rust_decimal::Decimal =
            row.get(4).unwrap_or_default().parse().unwrap_or_default();
        *sums
            .entry(row.get(5).unwrap_or_default().to_owned())
            .or_default() += amount;
        count += 1;
    }
    let balanced = count > 0 && sums.values().all(rust_decimal::Decimal::is_zero);
    let seen = format!("{count} postings");
    narrator.claim(
        "the exported journal sums to zero",
        if balanced { Ok(seen) } else { Err(seen) },
    );
    let same = if journal == again {
        Ok(String::new())
    } else {
        Err("they differ".to_owned())
    };
    narrator.claim("exported twice, it is the same to the byte", same);
    let decisions = stage.client.text("/v1/exports/decisions.csv")?;
    let lines = decisions.lines().count().saturating_sub(1);
    let exported = if lines > 0 {
        Ok(format!("{lines} rows"))
    } else {
        Err("no rows".to_owned())
    };
    narrator.claim(
        "every decision is exported with clause and reason",
        exported,
    );
    Ok(())
}

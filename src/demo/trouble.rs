//! The scenes that nobody asked for: a bank takes money back, a refund returns, staff act in the
//! provider's dashboard, and the provider pays out.

use super::narrator::{Narrator, equal};
use super::questions::{
    at, balance, cancel, charges_of, codes, finished, owed, provider_totals, quiet, refunds_made,
    tell_verdicts, text,
};
use super::{DemoError, Stage};

pub fn the_whole(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    frida_asks_her_bank(stage, narrator)?;
    astrids_refund_comes_back(stage, narrator)?;
    staff_refund_gustaf(stage, narrator)?;
    the_provider_pays_out(stage, narrator)
}

fn frida_asks_her_bank(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    let frida = &stage.cast.frida;
    narrator.chapter("Frida asks her bank for the money, and cancels with us as well");
    let latest = charges_of(stage, &frida.subscription)
        .pop()
        .unwrap_or_default();
    let dispute = stage.provider.simulator().open_dispute(&latest);
    let dispute = dispute.unwrap_or_default();
    let done = cancel(stage, &frida.subscription).and_then(|first| finished(stage, &first))?;
    tell_verdicts(narrator, &done);
    let disputed = codes(&done).iter().filter(|c| *c == "disputed").count();
    narrator.claim("the disputed charge is not refunded", equal(&disputed, &1));
    narrator.claim(
        "no refund left",
        equal(&refunds_made(stage, &frida.subscription), &0),
    );
    narrator.claim(
        "the bank holds it, in an account of its own",
        equal(
            &balance(stage, "assets:disputed:stripe")?,
            &"249.00".to_owned(),
        ),
    );
    stage.provider.simulator().lose_dispute(&dispute);
    quiet(stage)?;
    let told = stage.client.get(&format!("/v1/disputes/{dispute}"))?;
    narrator.claim(
        "the bank decides for Frida, and the dispute is lost",
        equal(&text(&told, "status"), &"lost".to_owned()),
    );
    narrator.claim(
        "nothing is held any more",
        equal(
            &balance(stage, "assets:disputed:stripe")?,
            &"0.00".to_owned(),
        ),
    );
    Ok(())
}

fn astrids_refund_comes_back(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    let astrid = &stage.cast.astrid;
    narrator.chapter("Astrid's bank sends her refund back: the card is gone");
    let again = cancel(stage, &astrid.subscription)?;
    let refund = text(at(&again, "/refunds/0"), "provider_id");
    let owed_before = balance(stage, "liabilities:refunds_payable")?;
    stage.provider.simulator().fail_refund(&refund);
    let target = format!("/v1/cancellations/{}", text(&again, "id"));
    let now = stage.client.wait_for(&target, |answer| {
        at(answer, "/state").as_str() == Some("attention")
    })?;
    quiet(stage)?;
    narrator.say(format_args!("    {}", text(&now, "attention")));
    let first = at(&now, "/refunds/0");
    narrator.claim(
        "a refund that had succeeded is failed, with the bank's reason",
        equal(
            &format!("{} {}", text(first, "state"), text(first, "failure_reason")),
            &"failed expired_or_canceled_card".to_owned(),
        ),
    );
    let owed_now = balance(stage, "liabilities:refunds_payable")?;
    narrator.claim(
        "the books owe her the money again",
        equal(
            &format!("{owed_before} before, {owed_now} now"),
            &"0.00 before, -249.00 now".to_owned(),
        ),
    );
    Ok(())
}

fn staff_refund_gustaf(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    let gustaf = &stage.cast.gustaf;
    narrator.chapter("Somebody refunds Gustaf's first month in the provider's dashboard");
    let earliest = charges_of(stage, &gustaf.subscription)
        .into_iter()
        .next()
        .unwrap_or_default();
    let refund = stage
        .provider
        .simulator()
        .dashboard_refund(&earliest, None)
        .unwrap_or_default();
    quiet(stage)?;
    let adopted = stage.client.get(&format!("/v1/refunds/{refund}"))?;
    narrator.claim(
        "it is adopted as the provider's",
        equal(&text(&adopted, "origin"), &"provider".to_owned()),
    );
    narrator.claim(
        "and flagged: the policy refunds only the latest charge",
        equal(
            &format!(
                "{} {}",
                at(&adopted, "/policy_conform"),
                text(&adopted, "code")
            ),
            &"false earlier_period".to_owned(),
        ),
    );
    Ok(())
}

fn the_provider_pays_out(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    narrator.chapter("The provider pays out what it owes");
    let due = owed(stage)?;
    let payout = stage.provider.simulator().pay_out();
    quiet(stage)?;
    narrator.claim(
        "all of it is on its way to the bank",
        equal(&balance(stage, "assets:payouts_in_transit:stripe")?, &due),
    );
    stage
        .provider
        .simulator()
        .fail_payout(&payout.unwrap_or_default());
    quiet(stage)?;
    narrator.claim(
        "the bank refuses it, and the provider owes it again",
        equal(&owed(stage)?, &due),
    );
    let (_, _, truth) = provider_totals(stage);
    narrator.claim("as the provider says itself", equal(&due, &truth));
    Ok(())
}

//! The month at the kiosk: reports and statements are handed in, everything that can disagree does, and a
//! bookkeeper settles it.

use super::kiosk::CONNECTION;
use super::narrator::{Narrator, equal};
use super::questions::{at, balance, quiet, text};
use super::{DemoError, Stage};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the files alone bring to light. The other kinds come of comparing with the provider itself.
const FROM_FILES: [&str; 10] = [
    "missing_in_ledger",
    "missing_at_provider",
    "amount_mismatch",
    "fee_mismatch",
    "currency_mismatch",
    "duplicate_at_provider",
    "payout_not_in_bank",
    "payout_amount_mismatch",
    "bank_line_unmatched",
    "status_mismatch",
];

/// Webhooks, reports and the bank's statement of the month, and the breaks that come of them.
pub fn goes_wrong(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    let kiosk = &stage.kiosk;
    narrator.chapter("A month at the kiosk, whose reports are handed in");
    let told = kiosk.tell(&stage.client, stage.app.clock.now())?;
    quiet(stage)?;
    narrator.say(format_args!(
        "  {told} webhooks; others were lost. Then two reports of the provider, and the bank's statement."
    ));
    hand_in(stage, narrator, kiosk.spoilt_report())?;
    hand_in(stage, narrator, kiosk.payouts_report())?;
    hand_in_statement(stage, narrator, kiosk.bank_statement())?;
    let made = reconcile(stage, kiosk.month.1)?;
    tell_proof(narrator, &made);
    let open = open_breaks(stage)?;
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for one in &open {
        tell_break(narrator, one);
        *kinds.entry(text(one, "kind")).or_default() += 1;
    }
    for kind in FROM_FILES {
        let found = kinds.get(kind).copied().unwrap_or_default();
        narrator.claim(&format!("a break: {kind}"), equal(&found, &1));
    }
    narrator.claim(
        "whatever disagrees, the provider's account in the books is what its reports say",
        all_differences_zero(&made),
    );
    Ok(())
}

/// Each break ends: by what comes later, or by a decision.
pub fn is_settled(stage: &Stage, narrator: &mut Narrator) -> Result<(), DemoError> {
    let kiosk = &stage.kiosk;
    narrator.chapter("Ten minutes of a bookkeeper");
    let resent = kiosk.resend_lost(&stage.client, stage.app.clock.now())?;
    quiet(stage)?;
    narrator.say(format_args!("  {resent} lost webhooks are sent again."));
    hand_in(stage, narrator, kiosk.row_left_out())?;
    hand_in_statement(stage, narrator, kiosk.later_statement())?;
    reconcile(stage, kiosk.first_day_after())?;
    let left = open_breaks(stage)?;
    let mut kinds: Vec<String> = left.iter().map(|one| text(one, "kind")).collect();
    kinds.sort();
    narrator.claim(
        "what was lost or late ends by itself",
        equal(
            &kinds.join(" "),
            &"amount_mismatch bank_line_unmatched currency_mismatch duplicate_at_provider fee_mismatch \
              payout_amount_mismatch"
                .to_owned(),
        ),
    );
    for one in &left {
        let (resolution, note) = decision(&text(one, "kind"));
        let target = format!("/v1/breaks/{}/resolve", text(one, "id"));
        let decided = json!({ "resolution": resolution, "note": note });
        stage.client.post(&target, &decided)?;
        narrator.say(format_args!(
            "    {:<24} {resolution}: {note}",
            text(one, "kind")
        ));
    }
    let today = stage.app.clock.now().to_utc().date_naive();
    let made = reconcile(stage, today)?;
    tell_proof(narrator, &made);
    narrator.claim(
        "no break of the kiosk is open",
        equal(&open_breaks(stage)?.len(), &0),
    );
    narrator.claim(
        "what the bank kept is its fee",
        equal(&balance(stage, "expenses:bank_fees")?, &"25.00".to_owned()),
    );
    narrator.claim("the proof still holds", all_differences_zero(&made));
    Ok(())
}

fn decision(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "payout_amount_mismatch" => ("bank_fee", "the bank's fee for payments from abroad"),
        "fee_mismatch" => ("write_off", "45.00 more than agreed; not worth a letter"),
        "bank_line_unmatched" => ("explained", "a goodwill payment, booked by hand"),
        _ => ("explained", "the provider has confirmed its mistake"),
    }
}

fn hand_in(stage: &Stage, narrator: &Narrator, file: String) -> Result<(), DemoError> {
    let target = format!("/v1/settlements?connection={CONNECTION}");
    tell_file(narrator, &stage.client.upload(&target, file)?);
    Ok(())
}

fn hand_in_statement(stage: &Stage, narrator: &Narrator, file: String) -> Result<(), DemoError> {
    tell_file(narrator, &stage.client.upload("/v1/bank-statements", file)?);
    Ok(())
}

fn tell_file(narrator: &Narrator, taken: &Value) {
    narrator.say(format_args!(
        "    {:<28} {:>3} rows, {} to {}",
        text(taken, "format"),
        at(taken, "/lines"),
        text(taken, "first_day"),
        text(taken, "last_day"),
    ));
}

fn reconcile(stage: &Stage, through: NaiveDate) -> Result<Value, DemoError> {
    let asked = json!({ "connection": CONNECTION, "through": through.to_string() });
    stage.client.post("/v1/reconciliations", &asked)
}

fn open_breaks(stage: &Stage) -> Result<Vec<Value>, DemoError> {
    let listed = stage.client.get("/v1/breaks?state=open&limit=100")?;
    let all = at(&listed, "/data").as_array().cloned().unwrap_or_default();
    Ok(all
        .into_iter()
        .filter(|one| text(one, "connection") == CONNECTION)
        .collect())
}

fn tell_break(narrator: &Narrator, one: &Value) {
    narrator.say(format_args!(
        "    {:<24} expected {:>9}, found {:>9} {}",
        text(one, "kind"),
        text(one, "expected"),
        text(one, "found"),
        text(one, "currency"),
    ));
    narrator.say(format_args!("      {}", text(one, "suggestion")));
}

fn tell_proof(narrator: &Narrator, made: &Value) {
    for proof in at(made, "/proof").as_array().into_iter().flatten() {
        narrator.say(format_args!(
            "    {} {}: ledger {}, provider {}, in transit {}, bank {}, difference {}",
            text(proof, "connection"),
            text(proof, "currency"),
            text(proof, "ledger"),
            text(proof, "provider"),
            text(proof, "in_transit"),
            text(proof, "bank"),
            text(proof, "difference"),
        ));
    }
}

fn all_differences_zero(made: &Value) -> Result<String, String> {
    let proofs = at(made, "/proof").as_array().into_iter().flatten();
    let differences: Vec<String> = proofs.map(|proof| text(proof, "difference")).collect();
    if !differences.is_empty() && differences.iter().all(|difference| difference == "0.00") {
        Ok("0.00".to_owned())
    } else {
        Err(differences.join(", "))
    }
}

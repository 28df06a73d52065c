use super::*;
use crate::store::rows::{Cancellation, Subscription, Verdict};
use avstem_domain::time::Timestamp;

const ZONE: chrono_tz::Tz = chrono_tz::Europe::Stockholm;
const ID: &str = "avcan_019ab0c8000070008000000000000001";

fn at(text: &str) -> i64 {
    Timestamp::parse_rfc3339(text).unwrap().as_micros()
}

fn cancellation() -> Cancellation {
    Cancellation {
        id: ID.to_owned(),
        subscription_id: "avsub_1".to_owned(),
        origin: "avstem".to_owned(),
        state: "completed".to_owned(),
        step: "finished".to_owned(),
        requested_by: "customer".to_owned(),
        refund: "policy".to_owned(),
        reason: None,
        received_at: at("2026-11-22T18:05:00Z"),
        judged_at: at("2026-11-22T18:05:00Z"),
        stop_mode: Some("immediate".to_owned()),
        stop_effective_at: Some(at("2026-11-22T18:05:00Z")),
        stop_done_at: Some(at("2026-11-22T18:05:02Z")),
        policy_version: Some("reference".to_owned()),
        attention: None,
        trouble: None,
        attempts: 0,
        due_at: None,
        lease_until: 0,
        fence: 0,
        stop_asked_at: None,
        undo_requested_at: None,
        undone_at: None,
        version: String::new(),
    }
}

fn subscription() -> Subscription {
    Subscription {
        id: "avsub_1".to_owned(),
        connection: "stripe".to_owned(),
        provider_id: "sub_1".to_owned(),
        customer_id: "avcus_1".to_owned(),
        status: "canceled".to_owned(),
        plan: Some("Premium".to_owned()),
        price: Some(24_900),
        currency: Some("SEK".to_owned()),
        interval_unit: Some("month".to_owned()),
        interval_count: Some(1),
        period_start: Some(at("2026-11-15T12:00:00Z")),
        period_end: Some(at("2026-12-15T12:00:00Z")),
        trial_end: None,
        renewal: "renews".to_owned(),
        cancel_at: None,
        canceled_at: None,
        ended_at: None,
        created_at: at("2026-10-15T12:00:00Z"),
        version: String::new(),
        seen_renewing_at: None,
    }
}

fn refunded() -> Verdict {
    Verdict {
        cancellation_id: ID.to_owned(),
        position: 0,
        charge_id: "avch_2".to_owned(),
        charge_provider_id: "ch_2".to_owned(),
        kind: "renewal".to_owned(),
        amount: 24_900,
        currency: "SEK".to_owned(),
        period_start: Some(at("2026-11-15T12:00:00Z")),
        period_end: Some(at("2026-12-15T12:00:00Z")),
        decision: "refund".to_owned(),
        refund_amount: Some(24_900),
        code: "latest_charge".to_owned(),
        clause: "R2".to_owned(),
        explanation_sv: "Du hörde av dig i tid.".to_owned(),
        explanation_en: "You contacted us in time.".to_owned(),
        decided_at: 0,
    }
}

fn rejected() -> Verdict {
    Verdict {
        position: 1,
        charge_id: "avch_1".to_owned(),
        charge_provider_id: "ch_1".to_owned(),
        kind: "initial".to_owned(),
        period_start: None,
        period_end: None,
        decision: "reject".to_owned(),
        refund_amount: None,
        code: "earlier_period".to_owned(),
        clause: "R3".to_owned(),
        explanation_sv: "Den gällde en tidigare period.".to_owned(),
        explanation_en: "It was for an earlier period.".to_owned(),
        ..refunded()
    }
}

fn refund(state: &str) -> Refund {
    Refund {
        id: "avref_1".to_owned(),
        connection: "stripe".to_owned(),
        provider_id: Some("re_1".to_owned()),
        charge_id: "avch_2".to_owned(),
        amount: 24_900,
        currency: "SEK".to_owned(),
        state: state.to_owned(),
        origin: "avstem".to_owned(),
        policy_conform: Some(true),
        failure_reason: None,
        reason: None,
        cancellation_id: Some(ID.to_owned()),
        code: Some("latest_charge".to_owned()),
        request_ref: None,
        idempotency_key: None,
        request_target: None,
        request_body: None,
        first_sent_at: None,
        attempts: 1,
        due_at: None,
        lease_until: 0,
        fence: 0,
        attention: None,
        created_at: 0,
        version: String::new(),
        pending_reason: None,
        state_since: 0,
        decided: 0,
        judged_in: None,
    }
}

fn view() -> CancellationView {
    CancellationView {
        row: cancellation(),
        subscription: subscription(),
        verdicts: vec![refunded(), rejected()],
        refunds: vec![refund("succeeded")],
        receipts: Vec::new(),
    }
}

fn letter(view: &CancellationView, locale: Locale) -> Letter {
    compose(view, locale, ZONE).unwrap()
}

#[test]
fn the_swedish_receipt_says_what_was_asked_decided_and_done() {
    let letter = letter(&view(), Locale::Sv);
    assert_eq!(letter.subject, "Kvitto på din uppsägning av Premium");
    let expected = "\
Hej!

Vi har tagit emot din uppsägning av Premium. Den kom in den 22 november 2026 kl. 19:05 CET.

När prenumerationen slutar
--------------------------

Prenumerationen slutade den 22 november 2026 kl. 19:05 CET. Inga fler betalningar dras.

Dina betalningar
----------------

249,00 kr för perioden 15 november 2026 – 15 december 2026
Hela beloppet betalas tillbaka: 249,00 kr
Du hörde av dig i tid. Punkt R2 i återbetalningsvillkoren.

249,00 kr
Betalas inte tillbaka
Den gällde en tidigare period. Punkt R3 i återbetalningsvillkoren.

Återbetalningar
---------------

249,00 kr – genomförd: pengarna är skickade. Det kan ta några dagar innan de syns hos din bank.

Uppsägningens nummer: avcan_019ab0c8000070008000000000000001

Spara gärna det här kvittot.
";
    assert_eq!(letter.body, expected);
}

#[test]
fn the_english_receipt_says_what_was_asked_decided_and_done() {
    let letter = letter(&view(), Locale::En);
    assert_eq!(letter.subject, "Receipt for your cancellation of Premium");
    let expected = "\
Hello!

We have received your cancellation of Premium. It came in on 22 November 2026 at 19:05 CET.

When the subscription ends
--------------------------

The subscription ended on 22 November 2026 at 19:05 CET. No more payments are taken.

Your payments
-------------

SEK 249.00 for the period 15 November 2026 – 15 December 2026
The whole amount is refunded: SEK 249.00
You contacted us in time. Clause R2 of the refund policy.

SEK 249.00
Not refunded
It was for an earlier period. Clause R3 of the refund policy.

Refunds
-------

SEK 249.00 – done: the money has been sent. It can take some days until your bank shows it.

Number of the cancellation: avcan_019ab0c8000070008000000000000001

Please keep this receipt.
";
    assert_eq!(letter.body, expected);
}

#[test]
fn a_cancellation_at_period_end_says_until_when_the_subscription_can_be_used() {
    let mut view = view();
    view.row.stop_mode = Some("at_period_end".to_owned());
    view.row.stop_effective_at = Some(at("2026-12-15T12:00:00Z"));
    view.verdicts = vec![rejected()];
    view.refunds.clear();
    let letter = letter(&view, Locale::En);
    assert!(
        letter
            .body
            .contains("You can use the subscription until 15 December 2026 at 13:00 CET.")
    );
    assert!(letter.body.contains("Nothing is refunded."));
}

#[test]
fn who_keeps_the_period_reads_what_was_given_up_and_is_promised_nothing() {
    let mut view = view();
    view.row.refund = "none".to_owned();
    view.refunds.clear();
    let letter = letter(&view, Locale::En);
    assert!(
        letter
            .body
            .contains("Entitles you to SEK 249.00 back, but the cancellation is without a refund")
    );
    assert!(!letter.body.contains("The whole amount is refunded"));
}

#[test]
fn a_request_made_earlier_says_since_when_it_counts() {
    let mut view = view();
    view.row.judged_at = at("2026-11-20T09:00:00Z");
    let letter = letter(&view, Locale::Sv);
    assert!(letter.body.contains(
        "Den kom in den 22 november 2026 kl. 19:05 CET. Den räknas från den 20 november 2026 kl. 10:00 CET"
    ));
}

#[test]
fn a_subscription_that_was_over_before_is_not_said_to_end_now() {
    let mut view = view();
    view.row.stop_effective_at = Some(at("2026-11-01T12:00:00Z"));
    let letter = letter(&view, Locale::En);
    assert!(
        letter
            .body
            .contains("had already ended on 1 November 2026 at 13:00 CET")
    );
}

#[test]
fn every_state_of_a_refund_has_its_own_words_and_none_but_success_claims_it() {
    let states = [
        "pending",
        "submitted",
        "succeeded",
        "failed",
        "canceled",
        "unknown",
    ];
    let mut seen = std::collections::BTreeSet::new();
    for state in states {
        let mut view = view();
        view.refunds = vec![refund(state)];
        let body = letter(&view, Locale::En).body;
        assert_eq!(
            body.contains("the money has been sent"),
            state == "succeeded",
            "{state}"
        );
        seen.insert(body);
    }
    assert_eq!(seen.len(), states.len());
}

#[test]
fn what_a_refund_waits_for_and_what_is_still_owed_is_told_in_both_languages() {
    let told = |locale, change: fn(&mut Refund)| {
        let mut view = view();
        let mut refund = refund("submitted");
        change(&mut refund);
        view.refunds = vec![refund];
        letter(&view, locale).body
    };
    let waits: [fn(&mut Refund); 5] = [
        |_| {},
        |refund| refund.pending_reason = Some("processing".to_owned()),
        |refund| refund.pending_reason = Some("insufficient_funds".to_owned()),
        |refund| refund.pending_reason = Some("charge_pending".to_owned()),
        |refund| refund.pending_reason = Some("requires_action".to_owned()),
    ];
    let failed: fn(&mut Refund) = |refund| {
        refund.state = "failed".to_owned();
        refund.decided = 14_900;
    };
    let replaced: fn(&mut Refund) = |refund| refund.state = "failed".to_owned();
    for (locale, owed, waiting) in [
        (
            Locale::Sv,
            "fortfarande skyldiga dig 149,00 kr",
            "väntar på dig",
        ),
        (Locale::En, "still owe you SEK 149.00", "waiting for you"),
    ] {
        let texts: std::collections::BTreeSet<String> =
            waits.iter().map(|change| told(locale, *change)).collect();
        assert_eq!(
            texts.len(),
            4,
            "a reason without words of its own is on its way"
        );
        assert!(told(locale, waits[4]).contains(waiting));
        assert!(told(locale, failed).contains(owed));
        assert!(!told(locale, replaced).contains(owed));
    }
}

#[test]
fn a_plan_without_a_name_or_with_a_nasty_one_leaves_the_subject_one_line() {
    let mut view = view();
    view.subscription.plan = None;
    assert_eq!(
        letter(&view, Locale::En).subject,
        "Receipt for your cancellation"
    );
    view.subscription.plan = Some("Premium\r\nBcc: all@example.test".to_owned());
    assert_eq!(letter(&view, Locale::En).subject.lines().count(), 1);
}

#[test]
fn what_a_person_looks_at_is_told_without_internal_words() {
    let mut view = view();
    view.row.attention = Some("lock_timeout at step 3".to_owned());
    let body = letter(&view, Locale::En).body;
    assert!(body.contains("One of us is looking at your cancellation"));
    assert!(!body.contains("lock_timeout"));
}

#[test]
fn a_stored_word_that_nobody_knows_is_an_error_not_a_guess() {
    let mut view = view();
    view.refunds = vec![refund("gone")];
    assert!(compose(&view, Locale::En, ZONE).is_err());
}

//! What the customer reads: one text for each code, in both languages.

use super::{Code, PartlyDelivered, RefundWindow};
use crate::cancellation::fixtures::{World, planned, report, sek};
use crate::charge::{ChargeKind, ChargeStatus};
use crate::event::DisputeStanding;

type Change = fn(&mut World);

fn texts(code: Code, change: impl FnOnce(&mut World)) -> (String, String) {
    let plan = planned(change);
    let verdict = plan
        .verdicts
        .iter()
        .find(|v| v.code == code)
        .unwrap()
        .clone();
    (verdict.explanation.sv, verdict.explanation.en)
}

#[test]
fn the_latest_charge_is_explained_with_amount_day_and_window() {
    let (sv, en) = texts(Code::LatestCharge, |_| {});
    assert_eq!(
        sv,
        "249,00 SEK drogs den 1 november 2026, och du hörde av dig inom 14 dagar. Du har rätt att få tillbaka 249,00 SEK."
    );
    assert_eq!(
        en,
        "249.00 SEK was charged on 1 November 2026, and you contacted us within 14 days. You are entitled to get 249.00 SEK back."
    );
}

#[test]
fn what_is_left_of_a_charge_is_called_that() {
    let (sv, en) = texts(Code::LatestCharge, |w| w.charge(3).refunded = sek(4_900));
    assert!(
        sv.ends_with("få tillbaka 200,00 SEK, det som återstår av betalningen."),
        "{sv}"
    );
    assert!(
        en.ends_with("get 200.00 SEK back, what is left of the payment."),
        "{en}"
    );
}

#[test]
fn a_partial_refund_names_the_units_and_the_amount() {
    let change = |w: &mut World| w.charge(3).delivery = report(10, 3);
    let (sv, en) = texts(Code::LatestChargePartlyDelivered, change);
    assert!(sv.contains("3 av 10") && sv.contains("174,30 SEK"), "{sv}");
    assert!(en.contains("3 of 10") && en.contains("174.30 SEK"), "{en}");
}

#[test]
fn a_late_renewal_names_both_days() {
    let (sv, en) = texts(Code::ChargedAfterRequest, |w| w.ask("2026-10-31T12:00:00Z"));
    assert!(
        sv.contains("1 november 2026") && sv.contains("31 oktober 2026"),
        "{sv}"
    );
    assert!(
        en.contains("1 November 2026") && en.contains("31 October 2026"),
        "{en}"
    );
}

#[test]
fn days_are_those_of_the_shop_s_calendar() {
    // 23:30 UTC on the last of October is half past midnight on 1 November in Stockholm.
    let change = |w: &mut World| {
        w.charge(3).paid_at = Some(crate::cancellation::fixtures::at("2026-10-31T23:30:00Z"));
    };
    let (sv, _) = texts(Code::LatestCharge, change);
    assert!(sv.contains("den 1 november 2026"), "{sv}");
}

#[test]
fn the_window_is_told_in_the_unit_that_fits() {
    for (window, sv_words, en_words) in [
        ("1d", "i 1 dag,", "for 1 day,"),
        ("36h", "i 36 timmar,", "for 36 hours,"),
        ("1h", "i 1 timme,", "for 1 hour,"),
        ("90s", "i 90 sekunder,", "for 90 seconds,"),
        ("1s", "i 1 sekund,", "for 1 second,"),
    ] {
        let (sv, en) = texts(Code::OutsideWindow, |w| {
            w.policy.refund_window = RefundWindow::parse(window).unwrap();
        });
        assert!(sv.contains(sv_words), "{sv}");
        assert!(en.contains(en_words), "{en}");
    }
}

#[test]
fn a_delivered_period_says_how_we_know() {
    let completed = texts(Code::PeriodDelivered, |w| {
        w.charge(3).delivery = report(10, 10)
    })
    .1;
    assert!(
        completed.contains("has been delivered in full"),
        "{completed}"
    );
    let part = texts(Code::PeriodDelivered, |w| {
        w.policy.partly_delivered = PartlyDelivered::Reject;
        w.charge(3).delivery = report(10, 3);
    });
    assert!(part.1.contains("delivered to 3 of 10"), "{}", part.1);
    let over = texts(Code::PeriodDelivered, |w| {
        w.policy.refund_window = RefundWindow::parse("60d").unwrap();
        w.ask("2026-12-02T00:00:00Z");
    });
    assert!(
        over.0.contains("tog slut den 1 december 2026"),
        "{}",
        over.0
    );
}

#[test]
fn every_rejection_names_the_amount_in_both_languages() {
    let rejections: [(Code, Change); 6] = [
        (Code::NotPaid, |w| w.charge(3).status = ChargeStatus::Failed),
        (Code::Disputed, |w| {
            w.charge(3).dispute = DisputeStanding::Blocks
        }),
        (Code::AlreadyRefunded, |w| {
            w.charge(3).refunded = sek(24_900)
        }),
        (Code::NotRecurring, |w| w.charge(3).kind = ChargeKind::Other),
        (Code::EarlierPeriod, |_| {}),
        (Code::OutsideWindow, |w| w.ask("2026-11-22T00:00:00Z")),
    ];
    for (code, change) in rejections {
        let (sv, en) = texts(code, change);
        assert!(
            sv.contains("249,00 SEK") && en.contains("249.00 SEK"),
            "{code}: {sv} {en}"
        );
        assert!(sv.ends_with('.') && en.ends_with('.'));
    }
}

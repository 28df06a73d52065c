//! Stripe's and Adyen's reports beyond the samples.

use crate::desk::{read, read_with, sek, stockholm, text};
use avstem_domain::statement::LineKind;

const STRIPE: &str = "stripe_payout_reconciliation_itemized_5.csv";
const ADYEN: &str = "adyen_settlement_detail_report_batch_41.csv";

fn stripe(rows: &str) -> crate::desk::Read {
    let header =
        "balance_transaction_id,created,currency,gross,fee,net,reporting_category,source_id";
    read(format!("{header}\n{rows}\n").as_bytes()).unwrap()
}

#[test]
fn times_without_utc_are_the_zone_s() {
    let all = text(STRIPE)
        .replace("created_utc,", "made_utc,")
        .replace("available_on_utc,", "free_utc,");
    let local = read(all.as_bytes()).unwrap();
    let wanted = read(text(STRIPE).as_bytes()).unwrap();
    for (one, other) in local.lines.iter().zip(&wanted.lines) {
        assert_eq!(one.occurred_at, other.occurred_at);
    }
    let mut context = stockholm();
    context.time_zone = chrono_tz::UTC;
    let utc = read_with(all.as_bytes(), &context).unwrap();
    assert_eq!(
        utc.lines[2].occurred_at.to_rfc3339(),
        "2026-10-02T00:58:37Z"
    );
}

#[test]
fn currencies_keep_their_own_digits() {
    let read = stripe(
        "txn_1,2026-10-01 09:00:00,jpy,1250,45,1205,charge,ch_1\n\
         txn_2,2026-10-01 09:00:00,kwd,1.005,0.005,1.000,charge,ch_2\n\
         txn_3,2026-10-01 09:00:00,jpy,12.50,0,12.50,charge,ch_3",
    );
    let nets: Vec<_> = read
        .lines
        .iter()
        .map(|line| line.amounts.net().to_string())
        .collect();
    assert_eq!(nets, ["1205 JPY", "1.000 KWD"]);
    assert_eq!(read.problems[0].column, "gross");
    assert_eq!(read.summary.totals.len(), 2);
}

#[test]
fn categories_become_kinds_and_unknown_ones_stay_themselves() {
    let cases = [
        ("tax", "-1.00", "fee"),
        ("network_cost", "-1.00", "fee"),
        ("risk_reserved_funds", "-1.00", "reserve_held"),
        ("risk_reserved_funds", "1.00", "reserve_released"),
        ("payout_minimum_balance_hold", "-1.00", "reserve_held"),
        ("payout_minimum_balance_release", "1.00", "reserve_released"),
        ("topup", "1.00", "top_up"),
        ("currency_conversion", "1.00", "conversion"),
        ("other_adjustment", "1.00", "adjustment"),
        ("charge_failure", "-1.00", "other:charge_failure"),
        ("something_new", "1.00", "other:something_new"),
    ];
    for (category, amount, kind) in cases {
        let read = stripe(&format!(
            "txn_1,2026-10-01 09:00:00,sek,{amount},0.00,{amount},{category},x_1"
        ));
        assert_eq!(read.lines[0].kind.to_text(), kind, "{category}");
    }
    let history = text("stripe_balance_history_dashboard.csv");
    let changed = history.replace(",adjustment,dp_", ",adjustment,xx_");
    let read = read(changed.as_bytes()).unwrap();
    assert_eq!(
        read.lines
            .iter()
            .filter(|line| line.kind == LineKind::Adjustment)
            .count(),
        2
    );
}

#[test]
fn a_trace_id_that_the_bank_does_not_show_is_none() {
    let read = read(
        text(STRIPE)
            .replace("SMPLTRACE1,supported", "SMPLTRACE1,unsupported")
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(read.lines[0].trace_id, None);
    assert_eq!(read.lines[3].trace_id.as_deref(), Some("SMPLTRACE2"));
}

#[test]
fn adyen_s_payments_in_another_currency_keep_rate_and_gross() {
    let all = text(ADYEN).replace(
        "8816SMPL00000011,SEK,,125.00,1,SEK",
        "8816SMPL00000011,EUR,,11.13,11.2345,SEK",
    );
    let read = read(all.as_bytes()).unwrap();
    let line = &read.lines[0];
    assert_eq!(line.customer_facing.unwrap().to_string(), "11.13 EUR");
    assert_eq!(line.exchange_rate.unwrap().to_string(), "11.2345");
    assert_eq!(
        (line.amounts.gross(), line.amounts.net()),
        (sek(12_500), sek(12_360))
    );
}

#[test]
fn adyen_s_direction_is_in_the_column_and_not_in_the_type() {
    let all = text(ADYEN)
        .replace(
            "Refunded,8816SMPL00000021,SEK,125.00,,1,SEK,125.00,,",
            "DepositCorrection,8816SMPL00000021,SEK,125.00,,1,SEK,125.00,,",
        )
        .replace(
            "Chargeback,8816SMPL00000022",
            "Balancetransfer,8816SMPL00000022",
        );
    let read = read(all.as_bytes()).unwrap();
    assert_eq!(read.lines[3].kind, LineKind::ReserveHeld);
    assert_eq!(read.lines[3].amounts.net(), sek(-12_500));
    assert_eq!(read.lines[4].kind, LineKind::Adjustment);
}

/// The chargeback fee and the monthly fee have no payment: text and amount tell them apart.
#[test]
fn adyen_s_rows_without_a_payment_are_told_by_their_text() {
    let read = read(text(ADYEN).as_bytes()).unwrap();
    let ids = read.ids();
    assert!(
        ids.contains(&"ExempelMediaSE/41/Fee//Transaction%20Fees%20October%202026//-10.50"),
        "{ids:?}"
    );
    assert!(
        ids.contains(&"ExempelMediaSE/41/Fee//Chargeback%20fee%208816SMPL00000022//-75.00"),
        "{ids:?}"
    );
}

//! The made-up story that `fixtures/` tells in every format, and its totals in `expected.json`.

use crate::desk::{Read, fixture, sample, sek};
use avstem_domain::money::{Currency, Money};
use avstem_domain::statement::LineKind;
use avstem_domain::statement::bank::ReferenceKind;
use avstem_statements::summary::{ControlKind, Holder};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn expected(pointer: &str) -> Money {
    let all: Value = serde_json::from_slice(&fixture("expected.json")).unwrap();
    let text = all.pointer(pointer).unwrap().as_str().unwrap();
    Money::parse_decimal(text, Currency::parse("SEK").unwrap()).unwrap()
}

fn payout_reconciliation() -> Read {
    sample("stripe_payout_reconciliation_itemized_5.csv")
}

#[test]
fn stripe_s_activity_and_payouts_leave_what_it_says_is_left() {
    let activity = sample("stripe_balance_change_from_activity_itemized_3.csv");
    let payouts = sample("stripe_payouts_itemized_3.csv");
    assert_eq!((activity.lines.len(), payouts.lines.len()), (16, 6));
    assert_eq!(activity.net(), expected("/stripe_activity"));
    assert_eq!(payouts.net(), sek(-470_482));
    let left = activity.net().checked_add(payouts.net()).unwrap();
    assert_eq!(left, expected("/stripe_ending"));
    let history = sample("stripe_balance_history_dashboard.csv");
    assert_eq!(history.lines.len(), 22);
    assert_eq!(history.net(), expected("/stripe_ending"));
}

#[test]
fn what_is_in_a_payout_sums_to_the_payout() {
    let summary = payout_reconciliation().summary;
    let sums: Vec<(String, Money)> = summary
        .payouts
        .iter()
        .map(|total| (total.payout.to_string(), total.net))
        .collect();
    let wanted: Vec<(String, Money)> = (1..=5)
        .map(|n| {
            let id = format!("po_1SmpL0{n}00000000000000");
            (id, expected(&format!("/payouts/po_{n}")))
        })
        .collect();
    assert_eq!(sums, wanted);
    let payouts = sample("stripe_payouts_itemized_3.csv");
    for (id, net) in wanted {
        let is_payout = |kind: &LineKind| *kind == LineKind::Payout;
        let paid = payouts
            .lines
            .iter()
            .find(|line| is_payout(&line.kind) && line.payout.as_ref().unwrap().as_str() == id)
            .unwrap();
        assert_eq!(paid.amounts.net(), net.checked_neg().unwrap());
    }
}

/// A balance transaction is one line however it is told: same identity, kind, amounts and source.
#[test]
fn stripe_s_reports_agree_on_every_line_they_share() {
    let files = [
        payout_reconciliation(),
        sample("stripe_balance_change_from_activity_itemized_3.csv"),
        sample("stripe_payouts_itemized_3.csv"),
        sample("stripe_balance_history_dashboard.csv"),
    ];
    let mut known = BTreeMap::new();
    for file in &files {
        for line in &file.lines {
            let essence = (line.kind.clone(), line.amounts, line.source.clone());
            let first = known.entry(line.id.as_str()).or_insert(essence.clone());
            assert_eq!(*first, essence, "{}", line.id);
        }
    }
    assert_eq!(known.len(), 22);
}

#[test]
fn a_line_carries_what_matching_needs() {
    let read = payout_reconciliation();
    let charge = read.line("txn_1SmpLA030000000000000");
    assert_eq!(charge.kind, LineKind::Charge);
    assert_eq!(charge.row, 4);
    let facing = charge.customer_facing.unwrap();
    assert_eq!(facing.to_string(), "99.00 EUR");
    assert_eq!(charge.occurred_at.to_rfc3339(), "2026-10-01T22:58:37Z");
    assert_eq!(charge.available_on.unwrap().to_string(), "2026-10-05");
    assert_eq!(charge.trace_id.as_deref(), Some("SMPLTRACE1"));
    assert_eq!(charge.text, "Subscription creation");
    let refund = read.line("txn_1SmpLR030000000000000");
    assert_eq!(
        refund.charge.as_ref().unwrap().as_str(),
        "ch_1SmpLA030000000000000"
    );
    assert_eq!(
        refund.source.as_ref().unwrap().as_str(),
        "re_1SmpLR030000000000000"
    );
    let dispute = read.line("txn_1SmpLD010000000000000");
    assert_eq!(dispute.kind, LineKind::DisputeWithdrawn);
    assert_eq!(dispute.amounts.fee(), sek(15_000));
    let returned = read.line("txn_1SmpLY010000000000000");
    assert_eq!(returned.kind, LineKind::PayoutReturned);
    assert_eq!(
        returned.source.as_ref().unwrap().as_str(),
        "po_1SmpL0400000000000000"
    );
    assert_eq!(
        returned.payout.as_ref().unwrap().as_str(),
        "po_1SmpL0500000000000000"
    );
    let days = read.summary.period.unwrap();
    assert_eq!(
        (days.first.to_string(), days.last.to_string()),
        ("2026-10-01".to_owned(), "2026-10-14".to_owned())
    );
}

#[test]
fn paypal_s_report_and_download_tell_the_same_lines() {
    let report = sample("paypal_STL-20261015.01.009.CSV");
    let download = sample("paypal_activity_download.csv");
    assert_eq!(report.ids(), download.ids());
    for (one, other) in report.lines.iter().zip(&download.lines) {
        assert_eq!((&one.kind, one.amounts), (&other.kind, other.amounts));
        assert_eq!(one.occurred_at, other.occurred_at);
        assert_eq!(one.merchant_reference, other.merchant_reference);
    }
    let total = report.summary.totals[0];
    let credits = report
        .lines
        .iter()
        .map(|line| line.amounts.gross().minor().max(0))
        .sum();
    let debits: i64 = report
        .lines
        .iter()
        .map(|line| line.amounts.gross().minor().min(0))
        .sum();
    assert_eq!(sek(credits), expected("/paypal/credits"));
    assert_eq!(sek(-debits), expected("/paypal/debits"));
    assert_eq!(total.fee, expected("/paypal/fees"));
    assert_eq!(report.net(), sek(0));
    let withdrawn = report.line("5SM00000000000004/payout");
    assert_eq!(withdrawn.amounts.net(), sek(-23_068));
    assert_eq!(withdrawn.trace_id.as_deref(), Some("PPSMPL1008"));
    let refund = report.line("5SM00000000000003/refund");
    assert_eq!(
        refund.charge.as_ref().unwrap().as_str(),
        "5SM00000000000001"
    );
    assert_eq!(refund.occurred_at.to_rfc3339(), "2026-10-05T08:02:33Z");
    let holders = [Holder::ProviderAccount("SMPLMERCHANT1".to_owned())];
    assert_eq!(report.summary.holders, holders);
    // Four sums of the section, four of the report, and both counts.
    assert_eq!(report.summary.controls.len(), 10);
}

#[test]
fn adyen_s_batches_pay_out_what_is_in_them() {
    for (batch, rows) in [("41", 8), ("42", 3)] {
        let read = sample(&format!("adyen_settlement_detail_report_batch_{batch}.csv"));
        assert_eq!(read.lines.len(), rows);
        assert_eq!(read.net(), sek(0));
        let paid = expected(&format!("/adyen/{batch}"));
        let total = &read.summary.payouts[0];
        assert_eq!(
            total.payout.as_str(),
            format!("ExempelMediaSE/batch/{batch}")
        );
        assert_eq!(total.net, paid);
        let payout = read.lines.last().unwrap();
        assert_eq!(payout.kind, LineKind::Payout);
        assert_eq!(payout.amounts.net(), paid.checked_neg().unwrap());
        assert_eq!(
            payout.trace_id.as_deref(),
            Some(format!("TX8816SMPL{batch}XT").as_str())
        );
        assert_eq!(read.summary.controls[0].what, ControlKind::BatchIsZero);
        let holders = [
            Holder::Company("ExempelMedia".to_owned()),
            Holder::MerchantAccount("ExempelMediaSE".to_owned()),
        ];
        assert_eq!(read.summary.holders, holders);
    }
}

#[test]
fn adyen_s_lines_lead_back_to_charge_and_modification() {
    let read = sample("adyen_settlement_detail_report_batch_41.csv");
    let charge = read.line("ExempelMediaSE/41/Settled/8816SMPL00000001/8816SMPL00000011");
    assert_eq!(charge.amounts.gross(), sek(12_500));
    assert_eq!(charge.amounts.fee(), sek(140));
    assert_eq!(charge.source.as_ref().unwrap().as_str(), "8816SMPL00000001");
    assert_eq!(charge.occurred_at.to_rfc3339(), "2026-10-06T07:00:11Z");
    let refund = read.line("ExempelMediaSE/41/Refunded/8816SMPL00000001/8816SMPL00000021");
    assert_eq!(refund.source.as_ref().unwrap().as_str(), "8816SMPL00000021");
    assert_eq!(refund.charge.as_ref().unwrap().as_str(), "8816SMPL00000001");
    assert_eq!(refund.amounts.net(), sek(-12_500));
    let fees: i64 = read
        .lines
        .iter()
        .map(|line| line.amounts.fee().minor())
        .sum();
    assert_eq!(fees, 2_195);
    let fee_rows: Vec<_> = read
        .lines
        .iter()
        .filter(|line| line.kind == LineKind::Fee)
        .collect();
    assert_eq!(fee_rows.len(), 2);
}

#[test]
fn adyen_s_accounting_agrees_with_its_settlement_on_every_fee() {
    let accounting = sample("adyen_payments_accounting_report_2026_10_06.csv");
    let settlement = sample("adyen_settlement_detail_report_batch_41.csv");
    let memos = accounting
        .lines
        .iter()
        .filter(|line| matches!(line.kind, LineKind::Memo(_)));
    assert_eq!(memos.count(), 6);
    let moved: Vec<_> = accounting
        .lines
        .iter()
        .filter(|line| !matches!(line.kind, LineKind::Memo(_)))
        .collect();
    assert_eq!(moved.len(), 5);
    for line in moved {
        let same = |other: &&avstem_domain::statement::ProviderLine| {
            other.charge == line.charge && other.kind == line.kind
        };
        let settled = settlement.lines.iter().find(same).unwrap();
        assert_eq!(settled.amounts, line.amounts);
        assert_ne!(settled.id, line.id);
    }
}

#[test]
fn three_files_of_one_statement_tell_ten_lines() {
    let names = [
        "bank_camt.053.001.02.xml",
        "bank_camt.053.001.08.xml",
        "bank_mt940.sta",
    ];
    let mut identities = BTreeSet::new();
    for name in names {
        let read = sample(name);
        assert_eq!(read.entries.len(), 10, "{name}");
        let closing = expected("/bank/open").checked_add(read.booked()).unwrap();
        assert_eq!(closing, expected("/bank/close"), "{name}");
        let statement = &read.summary.statements[0];
        assert_eq!(statement.opening, Some(expected("/bank/open")));
        assert_eq!(statement.closing, Some(expected("/bank/close")));
        assert_eq!(statement.booked, 10);
        let days = read.summary.period.unwrap();
        assert_eq!(
            (days.first.to_string(), days.last.to_string()),
            ("2026-10-01".to_owned(), "2026-10-16".to_owned())
        );
        identities.extend(read.entries.iter().map(|entry| entry.id.clone()));
    }
    assert_eq!(identities.len(), 10);
}

#[test]
fn bank_lines_carry_what_matching_needs() {
    for name in ["bank_camt.053.001.02.xml", "bank_camt.053.001.08.xml"] {
        let read = sample(name);
        let payout = &read.entries[0];
        assert_eq!(payout.references[0].kind, ReferenceKind::EndToEnd);
        assert_eq!(payout.references[0].text, "po_1SmpL0100000000000000");
        assert_eq!(
            payout.counterparty.as_deref(),
            Some("STRIPE PAYMENTS EUROPE LTD")
        );
        assert_eq!(payout.text, "STRIPE SMPLTRACE1");
        assert_eq!(payout.code.as_deref(), Some("PMNT/RCDT/ESCT"));
        assert!(payout.transactions.is_empty());
        let rent = &read.entries[1];
        assert_eq!(rent.amount, sek(-150_000));
        assert!(rent.references.is_empty());
        let batch = &read.entries[8];
        let parts: Vec<_> = batch
            .transactions
            .iter()
            .map(|part| {
                (
                    part.amount.unwrap(),
                    part.references[0].text.as_str(),
                    part.counterparty.as_deref().unwrap(),
                )
            })
            .collect();
        let wanted = [
            (sek(12_500), "1001017", "Svensson Ulla"),
            (sek(12_500), "1001025", "Öberg Åsa"),
            (sek(12_500), "1001033", "Café Norr AB"),
        ];
        assert_eq!(parts, wanted);
        assert_eq!(
            batch.transactions[0].references[0].kind,
            ReferenceKind::Structured
        );
    }
    let mt940 = sample("bank_mt940.sta");
    assert_eq!(
        mt940.entries[0].text,
        "STRIPE SMPLTRACE1 STRIPE PAYMENTS EUROPE LTD"
    );
    assert_eq!(mt940.entries[0].references[0].text, "po_1SmpL01000000");
    assert_eq!(mt940.entries[6].code.as_deref(), Some("NCHG"));
}

//! A format is told by the content, never by the name.

use crate::bank_tables;
use crate::desk::{fixture, stockholm};
use avstem_statements::formats::{Format, Origin, Role};

const FILES: &[(&str, &str)] = &[
    (
        "stripe_payout_reconciliation_itemized_5.csv",
        "stripe_payout_reconciliation",
    ),
    (
        "stripe_balance_change_from_activity_itemized_3.csv",
        "stripe_balance_change",
    ),
    ("stripe_payouts_itemized_3.csv", "stripe_payouts"),
    (
        "stripe_balance_history_dashboard.csv",
        "stripe_balance_history",
    ),
    (
        "stripe_balance_transactions.jsonl",
        "stripe_balance_transactions",
    ),
    ("paypal_STL-20261015.01.009.CSV", "paypal_settlement"),
    ("paypal_activity_download.csv", "paypal_activity"),
    (
        "adyen_settlement_detail_report_batch_41.csv",
        "adyen_settlement",
    ),
    (
        "adyen_settlement_detail_report_batch_42.csv",
        "adyen_settlement",
    ),
    (
        "adyen_payments_accounting_report_2026_10_06.csv",
        "adyen_accounting",
    ),
    ("bank_camt.053.001.02.xml", "camt053"),
    ("bank_camt.053.001.08.xml", "camt053"),
    ("bank_mt940.sta", "mt940"),
];

#[test]
fn every_sample_is_told_by_its_content() {
    for (file, name) in FILES {
        let bytes = fixture(file);
        for context in [stockholm(), bank_tables::context()] {
            let format = avstem_statements::detect(&bytes, &context).unwrap();
            assert_eq!(format.name(), *name, "{file}");
        }
    }
}

#[test]
fn the_start_of_a_file_is_enough() {
    for (file, name) in FILES {
        let bytes = fixture(file);
        let first_rows = bytes
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .nth(5);
        let head = &bytes[..first_rows.map_or(bytes.len(), |(at, _)| at)];
        assert_eq!(
            avstem_statements::detect(head, &stockholm())
                .unwrap()
                .name(),
            *name,
            "{file}"
        );
    }
}

#[test]
fn formats_are_known_by_their_names() {
    let names: Vec<&str> = Format::all().map(Format::name).collect();
    assert_eq!(names.len(), 12);
    for name in names {
        let format = Format::named(name).unwrap();
        assert!(!format.title().is_empty());
        let bank = matches!(format.origin(), Origin::Bank);
        assert_eq!(
            bank,
            ["camt053", "mt940", "bank_csv"].contains(&name),
            "{name}"
        );
        assert_eq!(format.role() == Role::Opinion, name == "adyen_accounting");
    }
    assert_eq!(Format::named("camt054"), None);
}

/// Swedish banks' tables are no provider's, with a layout and without.
#[test]
fn a_bank_s_table_needs_a_layout_to_be_told() {
    let table =
        "Bokföringsdag;Valutadag;Text;Meddelande;Motpart;Verifikation;Referens;Belopp;Saldo\n";
    assert!(avstem_statements::detect(table.as_bytes(), &stockholm()).is_err());
    let format = avstem_statements::detect(table.as_bytes(), &bank_tables::context()).unwrap();
    assert_eq!(format.name(), "bank_csv");
}

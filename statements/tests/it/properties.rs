//! What holds for any file: no parser fails but by its errors, and what was written is read back.

#[path = "../../benches/reading/generator.rs"]
mod generator;

use crate::bank_tables::layout;
use crate::desk::{fixture, read_as, stockholm};
use avstem_domain::statement::bank_id::BankAccount;
use avstem_statements::context::{BankTable, ReadContext};
use avstem_statements::formats::Format;
use generator::GENERATORS;
use proptest::prelude::*;

const FILES: &[&str] = &[
    "stripe_payout_reconciliation_itemized_5.csv",
    "stripe_payouts_itemized_3.csv",
    "stripe_balance_history_dashboard.csv",
    "stripe_balance_transactions.jsonl",
    "paypal_STL-20261015.01.009.CSV",
    "paypal_activity_download.csv",
    "adyen_settlement_detail_report_batch_41.csv",
    "adyen_payments_accounting_report_2026_10_06.csv",
    "bank_camt.053.001.02.xml",
    "bank_camt.053.001.08.xml",
    "bank_mt940.sta",
];

/// The generated table of a bank has these columns.
fn context() -> ReadContext {
    let mut context = stockholm();
    context.account = Some(BankAccount::parse("SE4550000000058398257466").unwrap());
    context.bank_table = Some(BankTable {
        booked_on: "Datum".to_owned(),
        value_date: Some("Valuta".to_owned()),
        text: vec!["Text".to_owned()],
        bank_reference: Some("Referens".to_owned()),
        reference: None,
        ..layout()
    });
    context
}

/// `read_as` checks that lines and problems add up to the rows.
fn read_by_all(bytes: &[u8]) {
    let context = context();
    let _ = avstem_statements::detect(bytes, &context);
    for format in Format::all() {
        let _ = read_as(format, bytes, &context);
    }
}

#[test]
fn generated_files_are_read_whole_whatever_their_size() {
    for (name, generate) in GENERATORS {
        for rows in [0, 1, 2, 399, 400, 401, 3_000] {
            let file = generate(rows);
            let format = Format::named(name).unwrap();
            let read = read_as(format, file.as_bytes(), &context())
                .unwrap_or_else(|error| panic!("{name} × {rows}: {error}"));
            assert_eq!(read.problems, [], "{name} × {rows}");
            assert_eq!(read.summary.data_rows, rows, "{name}");
            let head = &file.as_bytes()[..file.len().min(avstem_statements::HEAD_BYTES)];
            let detected = avstem_statements::detect(head, &context()).unwrap();
            assert_eq!(detected.name(), *name, "{name} × {rows}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_make_a_parser_fail(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_by_all(&bytes);
    }

    #[test]
    fn no_text_of_the_formats_own_signs_makes_one_fail(
        text in "(\"|,|;|\\n|\\r|:61:|:86:|:60F:C261001SEK0,|:20:x|:25:12345678|<Ntry>|</Ntry>|<Stmt>|<Amt Ccy=\"SEK\">|&amp;|<!|\\[|\\PC){0,60}"
    ) {
        read_by_all(text.as_bytes());
    }

    /// A byte or two wrong, a piece missing, a piece twice: each is read as something that adds up, or refused.
    #[test]
    fn damaged_samples_are_read_or_refused(
        which in 0..FILES.len(),
        at in any::<prop::sample::Index>(),
        length in 0usize..60,
        inserted in proptest::collection::vec(any::<u8>(), 0..4),
        twice in any::<bool>(),
    ) {
        let mut bytes = fixture(FILES[which]);
        let start = at.index(bytes.len());
        let end = bytes.len().min(start + length);
        let piece = bytes[start..end].to_vec();
        let put = if twice { [piece.clone(), piece, inserted].concat() } else { inserted };
        bytes.splice(start..end, put);
        read_by_all(&bytes);
    }

    #[test]
    fn amounts_written_are_amounts_read(rows in proptest::collection::vec((1i64..10_000_000_000, 0i64..100_000), 1..30)) {
        let mut file = String::from("balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category\n");
        let major = |minor: i64| format!("{}{}.{:02}", if minor < 0 { "-" } else { "" }, minor.abs() / 100, minor.abs() % 100);
        for (n, (gross, fee)) in rows.iter().enumerate() {
            let signed = if n % 3 == 0 { -gross } else { *gross };
            file.push_str(&format!("txn_{n},2026-10-01 00:00:00,sek,{},{},{},charge\n", major(signed), major(*fee), major(signed - fee)));
        }
        let read = crate::desk::read(file.as_bytes()).unwrap();
        let found: Vec<(i64, i64)> = read.lines.iter().map(|line| (line.amounts.gross().minor().abs(), line.amounts.fee().minor())).collect();
        prop_assert_eq!(found, rows);
    }

    /// Text in quotes survives commas, quotes and line breaks.
    #[test]
    fn quoted_text_is_read_back(texts in proptest::collection::vec("[a-zåäö\",;\\n ]{0,20}", 1..10)) {
        let mut file = String::from("balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,description\r\n");
        for (n, text) in texts.iter().enumerate() {
            file.push_str(&format!("txn_{n},2026-10-01 00:00:00,sek,1.00,0.00,1.00,charge,\"{}\"\r\n", text.replace('"', "\"\"")));
        }
        let read = crate::desk::read(file.as_bytes()).unwrap();
        let found: Vec<String> = read.lines.iter().map(|line| line.text.clone()).collect();
        let wanted: Vec<String> = texts.iter().map(|text| text.replace('\n', " ").trim().to_owned()).collect();
        prop_assert_eq!(found, wanted);
    }

    /// Overlapping statements, in whichever pieces, tell each entry once.
    #[test]
    fn any_two_overlapping_statements_tell_each_entry_once(cut in 1usize..10, back in 0usize..10) {
        let entry = |n: usize| format!(":61:2610{:02}C{},00NTRFx//R{:08}\n", n + 1, 10 + n / 2, n / 2);
        let message = |range: std::ops::Range<usize>, id: usize| {
            let sum: usize = range.clone().map(|n| 10 + n / 2).sum();
            let entries: String = range.map(entry).collect();
            format!(":20:S{id}\n:25:SE4550000000058398257466\n:28C:{id}\n:60F:C261001SEK0,\n{entries}:62F:C261031SEK{sum},\n-\n")
        };
        let start = cut.saturating_sub(back);
        let file = format!("{}{}", message(0..cut, 1), message(start..10, 2));
        let read = crate::desk::read(file.as_bytes()).unwrap();
        prop_assert_eq!(read.entries.len(), 10);
        prop_assert_eq!(read.problems.len(), cut - start);
    }
}

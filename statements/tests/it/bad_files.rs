//! What is wrong with whole files: each is refused with what to do, whatever its format.

use crate::desk::{fixture, read, read_as, read_with, stockholm, text};
use avstem_statements::error::ReadError;
use avstem_statements::formats::Format;

const SAMPLES: &[&str] = &[
    "stripe_payout_reconciliation_itemized_5.csv",
    "stripe_balance_change_from_activity_itemized_3.csv",
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

fn utf16(text: &str) -> Vec<u8> {
    let marked = format!("\u{feff}{text}");
    marked.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn an_empty_file_is_refused() {
    assert!(matches!(read(b""), Err(ReadError::Empty)));
    for format in Format::all() {
        let error = read_as(format, b"", &crate::bank_tables::context()).unwrap_err();
        assert!(matches!(error, ReadError::Empty), "{format}: {error}");
    }
}

#[test]
fn utf_16_is_named_as_what_it_is() {
    for name in SAMPLES {
        let bytes = utf16(&String::from_utf8_lossy(&fixture(name)));
        for bytes in [&bytes[..], &bytes[2..]] {
            let error = read(bytes).unwrap_err();
            assert!(
                matches!(
                    error,
                    ReadError::Encoding {
                        found: "UTF-16",
                        ..
                    }
                ),
                "{name}: {error}"
            );
            assert!(error.to_string().contains("UTF-8"), "{error}");
        }
    }
}

#[test]
fn a_nul_byte_is_refused_with_its_place() {
    for name in SAMPLES {
        let mut bytes = fixture(name);
        let at = bytes.len() - 30;
        bytes[at] = 0;
        let error = read(&bytes).unwrap_err();
        assert!(
            matches!(error, ReadError::NulByte { offset } if offset == u64::try_from(at).unwrap()),
            "{name}: {error}"
        );
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    for name in SAMPLES {
        let plain = String::from_utf8(fixture(name)).unwrap();
        let plain = plain.trim_start_matches('\u{feff}');
        let marked = format!("\u{feff}{plain}");
        let (one, other) = (
            read(plain.as_bytes()).unwrap(),
            read(marked.as_bytes()).unwrap(),
        );
        assert_eq!(
            (one.lines, one.entries),
            (other.lines, other.entries),
            "{name}"
        );
    }
}

#[test]
fn every_line_break_means_the_same() {
    for name in SAMPLES {
        let lf = text(name).replace("\r\n", "\n");
        let wanted = read(lf.as_bytes()).unwrap();
        for line_break in ["\r\n", "\r"] {
            let found = read(lf.replace('\n', line_break).as_bytes()).unwrap();
            assert_eq!(
                (&wanted.lines, &wanted.entries),
                (&found.lines, &found.entries),
                "{name}"
            );
        }
    }
}

/// Wherever a download breaks off, the file is refused, or it is whole rows of a table that has no footer.
#[test]
fn a_file_that_was_cut_never_passes_as_whole() {
    for name in SAMPLES {
        let bytes = fixture(name);
        let whole = read(&bytes).unwrap();
        let footed = !name.starts_with("stripe")
            && !name.contains("activity")
            && !name.contains("accounting");
        for length in (1..bytes.len() - 1).step_by(3) {
            let Ok(cut) = read(&bytes[..length]) else {
                continue;
            };
            assert_eq!(cut.problems, [], "{name} cut at {length}");
            // Behind the last entry, what is missing may be line breaks and frames only.
            if footed && length < bytes.len() - 40 {
                assert_eq!(cut.summary.data_rows, 0, "{name} cut at {length}");
            }
            let lines = cut.lines.len() + cut.entries.len();
            assert_eq!(
                cut.lines,
                whole.lines[..cut.lines.len()],
                "{name} cut at {length}"
            );
            assert!(lines <= whole.lines.len() + whole.entries.len());
        }
    }
}

#[test]
fn a_header_alone_is_a_report_without_rows() {
    let tables = SAMPLES
        .iter()
        .filter(|name| !name.starts_with("bank") && !name.contains("STL"));
    for name in tables {
        let all = text(name);
        let header = all.lines().next().unwrap();
        for end in ["", "\n"] {
            let read = read(format!("{header}{end}").as_bytes()).unwrap();
            assert_eq!(read.summary.data_rows, 0, "{name}");
            assert_eq!(read.summary.period, None);
        }
    }
}

#[test]
fn blank_lines_are_no_rows() {
    for name in SAMPLES.iter().filter(|name| !name.starts_with("bank")) {
        let wanted = read(&fixture(name)).unwrap();
        let found = read(text(name).replace('\n', "\n\n").as_bytes()).unwrap();
        assert_eq!(wanted.lines, found.lines, "{name}");
    }
}

#[test]
fn what_is_no_report_at_all_is_named_as_what_it_looks_like() {
    let cases: &[(&[u8], &str)] = &[
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08rest", "gzip"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"<root/>", "XML"),
        (b"{\"data\":[]}", "JSON"),
        (b"a,b,c\n1,2,3\n", "a file"),
    ];
    for (bytes, word) in cases {
        let error = read(bytes).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
        assert!(error.contains("PayPal settlement report"), "{error}");
    }
}

#[test]
fn a_file_named_as_another_format_is_refused_by_that_format() {
    for name in SAMPLES {
        let bytes = fixture(name);
        let context = crate::bank_tables::context();
        let own = read_with(&bytes, &stockholm()).unwrap().summary.format;
        for format in Format::all().filter(|format| *format != own) {
            let shared = |format: Format| {
                format.name().starts_with("stripe_") && !format.name().ends_with("history")
            };
            if shared(format) && shared(own) {
                continue;
            }
            let error = read_as(format, &bytes, &context).unwrap_err();
            assert!(!error.to_string().is_empty(), "{name} as {format}");
        }
    }
}

#[test]
fn a_receiver_can_stop_the_reading() {
    struct Stop;
    impl avstem_statements::sink::Sink for Stop {
        fn provider_line(
            &mut self,
            _: avstem_domain::statement::ProviderLine,
        ) -> std::ops::ControlFlow<()> {
            std::ops::ControlFlow::Break(())
        }
        fn bank_line(
            &mut self,
            _: avstem_domain::statement::bank::BankLine,
        ) -> std::ops::ControlFlow<()> {
            std::ops::ControlFlow::Break(())
        }
        fn problem(&mut self, _: avstem_statements::problem::Problem) -> std::ops::ControlFlow<()> {
            std::ops::ControlFlow::Break(())
        }
    }
    for name in SAMPLES {
        let bytes = fixture(name);
        let format = avstem_statements::detect(&bytes, &stockholm()).unwrap();
        let stopped = avstem_statements::read(format, &bytes[..], &stockholm(), &mut Stop);
        assert!(matches!(stopped, Err(ReadError::Stopped)), "{name}");
    }
}

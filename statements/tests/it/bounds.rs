//! Whatever a file holds, memory stays bounded, and each bound says so.

use crate::bank_tables::context as bank_context;
use crate::desk::{fixture, read_with, stockholm};
use avstem_statements::context::Bounds;
use avstem_statements::error::ReadError;
use avstem_statements::formats::Format;
use avstem_statements::sink::Collected;
use std::io::{BufReader, Read};

/// A start, and then one byte again and again, a gigabyte of it.
struct Endless {
    start: Vec<u8>,
    at: usize,
    byte: u8,
    left: usize,
}

const GIGABYTE: usize = 1024 * 1024 * 1024;

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.at < self.start.len() {
            let taken = (&self.start[self.at..]).read(into)?;
            self.at += taken;
            return Ok(taken);
        }
        let taken = into.len().min(self.left);
        into[..taken].fill(self.byte);
        self.left -= taken;
        Ok(taken)
    }
}

/// Reads it and says how many bytes were taken before it was refused.
fn refused(format: Format, start: &[u8], byte: u8) -> (ReadError, usize) {
    let mut endless = Endless {
        start: start.to_vec(),
        at: 0,
        byte,
        left: GIGABYTE,
    };
    let input = BufReader::with_capacity(64 * 1024, &mut endless);
    let error = avstem_statements::read(format, input, &bank_context(), &mut Collected::default())
        .unwrap_err();
    (error, GIGABYTE - endless.left)
}

const STARTS: &[(&str, &str)] = &[
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
        "adyen_payments_accounting_report_2026_10_06.csv",
        "adyen_accounting",
    ),
    ("bank_camt.053.001.08.xml", "camt053"),
    ("bank_mt940.sta", "mt940"),
];

#[test]
fn a_line_of_a_gigabyte_is_refused_after_a_few_megabytes() {
    for (name, format) in STARTS {
        let all = fixture(name);
        let format = Format::named(format).unwrap();
        for start in [&b""[..], &all[..all.len() / 2]] {
            let (error, taken) = refused(format, start, b'7');
            let bounded = matches!(
                error,
                ReadError::RowTooLong { .. } | ReadError::Malformed { .. }
            );
            assert!(bounded, "{name}: {error}");
            assert!(taken < 8 * 1024 * 1024, "{name}: {taken} bytes were taken");
        }
    }
    let (error, taken) = refused(Format::named("bank_csv").unwrap(), b"", b'7');
    assert!(matches!(error, ReadError::RowTooLong { .. }), "{error}");
    assert!(taken < 8 * 1024 * 1024);
}

#[test]
fn a_quote_that_never_ends_is_refused_after_a_few_megabytes() {
    // Of banks' formats and of JSON, a quote ends with its line.
    let is_table = |name: &str| !name.starts_with("bank") && !name.ends_with(".jsonl");
    for (name, format) in STARTS.iter().filter(|(name, _)| is_table(name)) {
        let all = String::from_utf8(fixture(name)).unwrap();
        let header = all.lines().next().unwrap();
        let start = format!("{header}\n\"open");
        let (error, taken) = refused(Format::named(format).unwrap(), start.as_bytes(), b'\n');
        assert!(
            matches!(error, ReadError::RowTooLong { .. }),
            "{name}: {error}"
        );
        assert!(taken < 8 * 1024 * 1024, "{name}: {taken}");
    }
}

#[test]
fn a_gigabyte_of_columns_is_refused_at_once() {
    for (name, format) in STARTS.iter().filter(|(name, _)| !name.starts_with("bank")) {
        let (error, taken) = refused(Format::named(format).unwrap(), b"x", b',');
        assert!(
            matches!(
                error,
                ReadError::TooManyColumns { .. } | ReadError::RowTooLong { .. }
            ),
            "{name}: {error}"
        );
        assert!(taken < 8 * 1024 * 1024, "{name}: {taken}");
    }
}

fn bounded(name: &str, bounds: Bounds) -> ReadError {
    let mut context = stockholm();
    context.bounds = bounds;
    read_with(&fixture(name), &context).unwrap_err()
}

#[test]
fn each_bound_says_what_there_was_too_much_of() {
    let bounds = Bounds::default();
    for (name, _) in STARTS {
        let error = bounded(
            name,
            Bounds {
                rows_max: 2,
                ..bounds
            },
        );
        assert!(
            matches!(
                error,
                ReadError::TooMany {
                    what: "rows",
                    max: 2
                }
            ),
            "{name}: {error}"
        );
        let error = bounded(
            name,
            Bounds {
                file_bytes_max: 900,
                ..bounds
            },
        );
        assert!(
            matches!(error, ReadError::FileTooLong { bytes_max: 900 }),
            "{name}: {error}"
        );
    }
}

#[test]
fn lists_and_nesting_are_bounded_too() {
    let stripe = "stripe_payout_reconciliation_itemized_5.csv";
    let camt = "bank_camt.053.001.08.xml";
    let bounds = Bounds::default();
    let error = bounded(
        stripe,
        Bounds {
            columns_max: 25,
            ..bounds
        },
    );
    assert!(
        matches!(
            error,
            ReadError::TooManyColumns {
                row: 1,
                columns_max: 25
            }
        ),
        "{error}"
    );
    let error = bounded(
        stripe,
        Bounds {
            listed_max: 3,
            ..bounds
        },
    );
    assert!(
        matches!(
            error,
            ReadError::TooMany {
                what: "payouts",
                max: 3
            }
        ),
        "{error}"
    );
    let error = bounded(
        camt,
        Bounds {
            transactions_max: 2,
            ..bounds
        },
    );
    assert!(
        matches!(error, ReadError::TooMany { max: 2, .. }),
        "{error}"
    );
    let error = bounded(
        camt,
        Bounds {
            depth_max: 5,
            ..bounds
        },
    );
    assert!(
        matches!(error, ReadError::TooDeep { depth_max: 5 }),
        "{error}"
    );
}

/// One byte at a time, as a slow connection delivers it.
struct Drip<'d>(&'d [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let taken = self.0.len().min(into.len()).min(1);
        into[..taken].copy_from_slice(&self.0[..taken]);
        self.0 = &self.0[taken..];
        Ok(taken)
    }
}

#[test]
fn it_does_not_matter_in_which_pieces_a_file_comes() {
    for (name, format) in STARTS {
        let bytes = fixture(name);
        let wanted = read_with(&bytes, &stockholm()).unwrap();
        let mut sink = Collected::default();
        let input = BufReader::with_capacity(3, Drip(&bytes));
        let summary = avstem_statements::read(
            Format::named(format).unwrap(),
            input,
            &stockholm(),
            &mut sink,
        )
        .unwrap();
        assert_eq!(sink.provider_lines, wanted.lines, "{name}");
        assert_eq!(sink.bank_lines, wanted.entries, "{name}");
        assert_eq!(summary, wanted.summary, "{name}");
    }
}

#[test]
fn an_input_that_fails_is_no_end_of_the_file() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the cable was pulled"))
        }
    }
    for (name, format) in STARTS {
        let bytes = fixture(name);
        let input = BufReader::new((&bytes[..bytes.len() / 2]).chain(Broken));
        let error = avstem_statements::read(
            Format::named(format).unwrap(),
            input,
            &stockholm(),
            &mut Collected::default(),
        )
        .unwrap_err();
        assert!(matches!(error, ReadError::Input(_)), "{name}: {error}");
    }
}

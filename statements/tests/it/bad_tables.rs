//! What is wrong inside of tables: one row becomes a problem, or the file is refused where no row can be trusted.

use crate::desk::{Read, read, text};
use avstem_statements::error::ReadError;
use avstem_statements::problem::{Problem, ProblemCode};

const STRIPE: &str = "stripe_payout_reconciliation_itemized_5.csv";
const PAYPAL: &str = "paypal_STL-20261015.01.009.CSV";
const ADYEN: &str = "adyen_settlement_detail_report_batch_41.csv";

/// The sample with one text replaced, which must be there once.
fn changed(name: &str, from: &str, to: &str) -> Result<Read, ReadError> {
    let all = text(name);
    assert_eq!(all.matches(from).count(), 1, "{from}");
    read(all.replace(from, to).as_bytes())
}

fn only_problem(read: &Read) -> &Problem {
    let [problem] = read.problems.as_slice() else {
        panic!("{:?}", read.problems);
    };
    problem
}

#[test]
fn a_bad_cell_costs_its_row_and_says_where_what_and_what_else() {
    let cases = [
        (
            "sek,249.00,5.54,243.46,charge",
            "sek,249.x0,5.54,243.46,charge",
            "gross",
            ProblemCode::NotAnAmount,
        ),
        (
            "sek,249.00,5.54,243.46,charge",
            "sek,\"249,00\",5.54,243.46,charge",
            "gross",
            ProblemCode::NotAnAmount,
        ),
        (
            "sek,249.00,5.54,243.46,charge",
            "sek,249.00,5.54,243.47,charge",
            "net",
            ProblemCode::DoesNotAddUp,
        ),
        (
            "sek,249.00,5.54,243.46,charge",
            "kro,249.00,5.54,243.46,charge",
            "currency",
            ProblemCode::NotACurrency,
        ),
        (
            "2026-10-01 10:40:51,",
            "01/10/2026 10:40,",
            "created_utc",
            ProblemCode::NotATime,
        ),
        (
            "txn_1SmpLA020000000000000",
            "txn 1SmpLA02",
            "balance_transaction_id",
            ProblemCode::NotAnId,
        ),
    ];
    for (from, to, column, code) in cases {
        let read = changed(STRIPE, from, to).unwrap();
        let problem = only_problem(&read);
        assert_eq!(
            (problem.row, problem.column.as_str(), problem.code),
            (3, column, code)
        );
        assert_eq!((read.summary.data_rows, read.summary.lines), (16, 15));
        let said = problem.to_string();
        assert!(
            said.contains("row 3") && said.contains(column) && said.contains("expected"),
            "{said}"
        );
    }
}

#[test]
fn a_problem_repeats_no_more_than_the_start_of_a_cell() {
    let long = "9".repeat(500);
    let read = changed(
        STRIPE,
        "sek,249.00,5.54,243.46,charge",
        &format!("sek,{long},5.54,243.46,charge"),
    )
    .unwrap();
    let problem = only_problem(&read);
    assert_eq!(problem.found.chars().count(), 81);
    assert!(!problem.to_string().contains("example.com"));
}

#[test]
fn a_repeated_row_is_reported_and_counted_once() {
    for name in [
        STRIPE,
        ADYEN,
        PAYPAL,
        "paypal_activity_download.csv",
        "stripe_payouts_itemized_3.csv",
    ] {
        let all = text(name);
        let whole = read(all.as_bytes()).unwrap();
        let row = all
            .lines()
            .find(|line| line.contains("SmpL") || line.contains("SMPL0000") || line.contains("5SM"))
            .unwrap();
        let twice = all.replace(row, &format!("{row}\n{row}"));
        let found = read(twice.as_bytes()).unwrap();
        assert_eq!(only_problem(&found).code, ProblemCode::Repeated, "{name}");
        assert_eq!(found.summary.totals, whole.summary.totals, "{name}");
        assert_eq!(found.lines.len(), whole.lines.len(), "{name}");
    }
}

#[test]
fn a_row_with_other_columns_is_a_problem() {
    let more = changed(
        STRIPE,
        "sek,249.00,5.54,243.46,charge",
        "sek,249.00,5.54,243.46,charge,",
    )
    .unwrap();
    assert_eq!(only_problem(&more).code, ProblemCode::Columns);
    let fewer = changed(
        STRIPE,
        "sek,249.00,5.54,243.46,charge",
        "sek,249.00,5.54,243.46",
    )
    .unwrap();
    let problem = only_problem(&fewer);
    assert_eq!((problem.code, problem.row), (ProblemCode::Columns, 3));
    assert!(problem.to_string().contains("26 cells"), "{problem}");
}

#[test]
fn missing_and_repeated_columns_are_refused_by_name() {
    let all = text(STRIPE).replace(",fee,net,", ",avgift,saldo,");
    let error = read(all.as_bytes()).unwrap_err();
    let ReadError::MissingColumns { row: 1, columns } = &error else {
        panic!("{error}");
    };
    assert_eq!(columns, &["fee", "net"]);
    let twice = changed(STRIPE, ",description,", ",gross,").unwrap_err();
    assert!(
        matches!(&twice, ReadError::DuplicateColumn { column, .. } if column == "gross"),
        "{twice}"
    );
    let unread = changed(STRIPE, ",customer_email,", ",customer_id,").unwrap();
    assert_eq!(unread.lines.len(), 16);
}

#[test]
fn columns_are_found_by_name_in_any_order_and_any_case() {
    let all = text(STRIPE);
    let wanted = read(all.as_bytes()).unwrap();
    let turned: Vec<String> = all
        .lines()
        .map(|line| line.split(',').rev().collect::<Vec<_>>().join(","))
        .collect();
    let header = turned[0].to_uppercase().replace(",NET,", ", Net ,");
    let file = format!("{header}\n{}\n", turned[1..].join("\n"));
    let found = read(file.as_bytes()).unwrap();
    assert_eq!(found.lines, wanted.lines);
}

#[test]
fn text_that_is_not_utf_8_is_refused_with_its_row() {
    let mut bytes = text(STRIPE).replace("kund-b@", "k\u{e5}nd-b@").into_bytes();
    let at = bytes
        .windows(2)
        .position(|pair| pair == "å".as_bytes())
        .unwrap();
    bytes.splice(at..at + 2, [0xe5]);
    let error = read(&bytes).unwrap_err();
    let ReadError::Encoding { place, found, .. } = &error else {
        panic!("{error}");
    };
    assert!(place.contains("row 3, column 22"), "{place}");
    assert!(found.contains("Latin-1"), "{found}");
}

#[test]
fn quotes_are_taken_strictly() {
    let name = "\"Quoted, \"\"twice\"\"\nand broken\"";
    let read = changed(
        STRIPE,
        "charge,ch_1SmpLA020000000000000,Subscription update",
        &format!("charge,ch_1SmpLA020000000000000,{name}"),
    )
    .unwrap();
    assert_eq!(read.lines[1].text, "Quoted, \"twice\" and broken");
    let behind = changed(
        STRIPE,
        "charge,ch_1SmpLA020000000000000,Subscription update",
        "charge,ch_1SmpLA020000000000000,\"a\"b",
    )
    .unwrap_err();
    assert!(
        matches!(&behind, ReadError::Malformed { row: 3, .. }),
        "{behind}"
    );
    let open = changed(
        STRIPE,
        "charge,ch_1SmpLA020000000000000,Subscription update",
        "charge,ch_1SmpLA020000000000000,\"open",
    )
    .unwrap_err();
    assert!(matches!(&open, ReadError::Cut { row: 3, .. }), "{open}");
}

#[test]
fn footers_that_do_not_add_up_refuse_the_file() {
    let cases = [
        (
            "\"SF\",\"SEK\",87300,83491,0,3809",
            "\"SF\",\"SEK\",87301,83491,0,3809",
            "credits",
        ),
        (
            "\"SF\",\"SEK\",87300,83491,0,3809",
            "\"SF\",\"SEK\",87300,83490,0,3809",
            "debits",
        ),
        (
            "\"SF\",\"SEK\",87300,83491,0,3809",
            "\"SF\",\"SEK\",87300,83491,0,3810",
            "fees",
        ),
        ("\"SC\",6", "\"SC\",7", "number of rows"),
        ("\"RC\",6", "\"RC\",5", "number of rows"),
        ("\"CR\",12500,\"SEK\"", "\"CR\",12600,\"SEK\"", "credits"),
    ];
    for (from, to, word) in cases {
        let error = changed(PAYPAL, from, to).unwrap_err();
        assert!(matches!(error, ReadError::ControlTotal { .. }), "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn a_batch_that_is_not_zero_refuses_the_file() {
    let missing = text(ADYEN);
    let row = missing.lines().nth(6).unwrap().to_owned() + "\n";
    let error = read(missing.replace(&row, "").as_bytes()).unwrap_err();
    let ReadError::ControlTotal { what, found, .. } = &error else {
        panic!("{error}");
    };
    assert!(what.contains("batch 41"), "{what}");
    assert_eq!(found, "75.00 SEK");
}

/// A row that cannot be a line still counts for the totals, where its amounts can be read.
#[test]
fn a_row_with_a_bad_date_leaves_the_totals_alone() {
    let paypal = changed(
        PAYPAL,
        "2026/10/02 18:40:12 +0200,2026/10/02 18:40:12 +0200",
        "2026/10/02 18:40:12 +0200,2026/10/32 18:40:12 +0200",
    )
    .unwrap();
    assert_eq!(only_problem(&paypal).code, ProblemCode::NotATime);
    let adyen = changed(
        ADYEN,
        "2026-10-08 10:10:10,CEST",
        "2026-10-08 10:10:10,CXST",
    )
    .unwrap();
    assert_eq!(only_problem(&adyen).column, "TimeZone");
}

#[test]
fn adyen_s_fees_must_explain_the_net_amount() {
    let read = changed(
        ADYEN,
        "SEK,,123.60,,1.00,0.15,0.25",
        "SEK,,123.60,,1.00,0.15,0.26",
    )
    .unwrap();
    let problem = only_problem(&read);
    assert_eq!((problem.code, problem.row), (ProblemCode::DoesNotAddUp, 2));
}

use super::*;
use avstem_domain::money::Currency;
use avstem_domain::time::Timestamp;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::io::Write;

const HEADING: Heading<'static> = Heading::of(crate::exports::table::columns![
    name: Text,
    amount: Amount,
    number: Integer,
    flag: Flag,
    day: Date,
    at: Time,
]);

fn amount(minor: i64, code: &str) -> Value {
    Value::Amount(Money::from_minor(minor, Currency::parse(code).unwrap()))
}

fn row(name: &str, amount: Value) -> [Value; 6] {
    [
        Value::Text(name.to_owned()),
        amount,
        Value::Integer(-7),
        Value::Flag(Flag::Yes),
        Value::Date("2026-11-22".to_owned()),
        Value::Time(Timestamp::from_micros(1_000_001).unwrap()),
    ]
}

fn written(rows: &[[Value; 6]]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = begin(&HEADING, &mut out).unwrap();
    for row in rows {
        writer.row(row).unwrap();
    }
    writer.finish().unwrap();
    out
}

fn reader(bytes: Vec<u8>) -> SerializedFileReader<std::fs::File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    SerializedFileReader::new(file).unwrap()
}

#[test]
fn every_type_comes_back_and_null_is_null() {
    let nothing = std::array::from_fn(|_| Value::Null);
    let rows = [
        row("Åsa =1", amount(-24_900, "SEK")),
        row("x", amount(1_200, "JPY")),
        row("y", amount(i64::MAX, "KWD")),
        nothing,
    ];
    let reader = reader(written(&rows));
    let rows: Vec<String> = reader
        .get_row_iter(None)
        .unwrap()
        .map(|row| row.unwrap().to_string())
        .collect();
    assert_eq!(
        rows,
        [
            "{name: \"Åsa =1\", amount: -249.0000, number: -7, flag: true, day: 2026-11-22, at: 1970-01-01 00:00:01.000001 +00:00}",
            "{name: \"x\", amount: 1200.0000, number: -7, flag: true, day: 2026-11-22, at: 1970-01-01 00:00:01.000001 +00:00}",
            "{name: \"y\", amount: 9223372036854775.8070, number: -7, flag: true, day: 2026-11-22, at: 1970-01-01 00:00:01.000001 +00:00}",
            "{name: null, amount: null, number: null, flag: null, day: null, at: null}",
        ]
    );
}

#[test]
fn a_table_without_rows_has_its_columns() {
    let reader = reader(written(&[]));
    let schema = reader.metadata().file_metadata().schema_descr();
    assert_eq!(schema.num_columns(), 6);
    assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
}

#[test]
fn long_texts_end_a_row_group_early() {
    let long = "x".repeat(GROUP_TEXT_BYTES_MAX / 2);
    let rows: Vec<_> = (0..5).map(|_| row(&long, Value::Null)).collect();
    let reader = reader(written(&rows));
    assert_eq!(reader.num_row_groups(), 3);
    assert_eq!(reader.metadata().file_metadata().num_rows(), 5);
}

#[test]
fn what_is_not_of_its_column_is_refused() {
    let mut out = Vec::new();
    let mut writer = begin(&HEADING, &mut out).unwrap();
    let mut wrong = row("x", Value::Null);
    wrong[1] = Value::Integer(1);
    assert!(writer.row(&wrong).is_err());
    let mut no_day = row("x", Value::Null);
    no_day[4] = Value::Date("2026-02-30".to_owned());
    assert!(writer.row(&no_day).is_err());
    assert!(writer.row(&wrong[..3]).is_err());
}

#[test]
fn a_closed_pipe_is_still_known_as_one() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(ErrorKind::BrokenPipe.into())
        }
    }
    let mut out = Closed;
    let error = begin(&HEADING, &mut out)
        .and_then(|writer| writer.finish())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

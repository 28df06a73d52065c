use super::*;
use avstem_domain::money::Currency;
use std::io::Write;

const HEADING: Heading<'static> =
    Heading::of(crate::exports::table::columns![name: Text, amount: Amount, at: Time]);

fn row(name: &str, minor: i64) -> [Value; 3] {
    [
        Value::Text(name.to_owned()),
        Value::Amount(Money::from_minor(minor, Currency::parse("SEK").unwrap())),
        Value::Time(Timestamp::EPOCH),
    ]
}

fn write(rows: &[[Value; 3]], out: &mut Out) -> std::io::Result<()> {
    let mut writer = begin(&HEADING, out)?;
    for row in rows {
        writer.row(row)?;
    }
    writer.finish()
}

fn refused(rows: &[[Value; 3]]) -> String {
    write(rows, &mut Vec::new()).unwrap_err().to_string()
}

#[test]
fn the_same_rows_are_the_same_bytes() {
    let rows = [row("Åsa", 24_900), row("=1+1", -5)];
    let (mut first, mut second) = (Vec::new(), Vec::new());
    write(&rows, &mut first).unwrap();
    write(&rows, &mut second).unwrap();
    assert!(first.starts_with(b"PK"));
    assert_eq!(first, second);
}

#[test]
fn what_a_cell_would_round_or_cut_is_refused() {
    assert!(write(&[row("x", 999_999_999_999_999)], &mut Vec::new()).is_ok());
    assert!(
        refused(&[row("x", 1_000_000_000_000_000)]).contains("10000000000000.00 has more digits")
    );
    assert!(refused(&[row(&"x".repeat(40_000), 1)]).contains("32,767"));
}

#[test]
fn a_total_that_a_cell_would_round_is_refused() {
    let rows = [row("x", 999_999_999_999_999), row("y", 999_999_999_999_999)];
    assert!(refused(&rows).contains("more digits"));
}

#[test]
fn a_closed_pipe_is_still_known_as_one() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = write(&[row("x", 1)], &mut Closed).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe, "{error}");
}

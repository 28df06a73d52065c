//! What every target does with its bytes, and what must hold of it.
//!
//! Run one from the folder above with `cargo +nightly fuzz run camt053`; `fixtures/` makes a good first corpus.

use avstem_domain::money::Currency;
use avstem_domain::statement::bank_id::BankAccount;
use avstem_statements::context::{
    AmountColumns, BankTable, CurrencyColumn, DateFormat, DecimalStyle, Delimiter, ReadContext,
    TextEncoding,
};
use avstem_statements::formats::Format;
use avstem_statements::sink::Collected;

/// A parser may refuse bytes. What it accepts must add up.
pub fn read(format: &str, bytes: &[u8]) {
    let format = Format::named(format).expect("a target for every format");
    let mut sink = Collected::default();
    let Ok(summary) = avstem_statements::read(format, bytes, &context(), &mut sink) else {
        return;
    };
    let lines = sink.provider_lines.len() + sink.bank_lines.len();
    assert_eq!(summary.lines, lines as u64);
    assert_eq!(summary.problems, sink.problems.len() as u64);
    assert_eq!(summary.lines + summary.problems, summary.data_rows);
    let mut ids: Vec<_> = sink.bank_lines.iter().map(|line| &line.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(
        ids.len(),
        sink.bank_lines.len(),
        "two lines have one identity"
    );
}

pub fn detect(bytes: &[u8]) {
    if let Ok(format) = avstem_statements::detect(bytes, &context()) {
        read(format.name(), bytes);
    }
}

fn context() -> ReadContext {
    let mut context = ReadContext::new(chrono_tz::Europe::Stockholm);
    context.account = BankAccount::parse("SE4550000000058398257466").ok();
    context.bank_table = Some(BankTable {
        booked_on: "d".to_owned(),
        value_date: None,
        amount: AmountColumns::Signed("a".to_owned()),
        currency: CurrencyColumn::Always(Currency::parse("SEK").expect("a currency")),
        text: vec!["t".to_owned()],
        counterparty: None,
        bank_reference: Some("r".to_owned()),
        reference: None,
        balance: Some("b".to_owned()),
        date_format: DateFormat::DayMonthYear,
        decimals: DecimalStyle::Comma,
        delimiter: Delimiter::Semicolon,
        encoding: TextEncoding::Windows1252,
    });
    context
}

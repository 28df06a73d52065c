//! How fast each format is read, in bytes a second. Run with `cargo bench -p avstem-statements`.

mod generator;

use avstem_domain::money::Currency;
use avstem_domain::statement::ProviderLine;
use avstem_domain::statement::bank::BankLine;
use avstem_domain::statement::bank_id::BankAccount;
use avstem_statements::context::{
    AmountColumns, BankTable, CurrencyColumn, DateFormat, DecimalStyle, Delimiter, ReadContext,
    TextEncoding,
};
use avstem_statements::formats::Format;
use avstem_statements::problem::Problem;
use avstem_statements::sink::Sink;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use std::ops::ControlFlow;

const ROWS: u64 = 100_000;

fn main() {
    divan::main();
}

/// Takes lines and drops them, as a receiver does who stores them.
#[derive(Default)]
struct Count {
    lines: u64,
    problems: u64,
}

impl Sink for Count {
    fn provider_line(&mut self, line: ProviderLine) -> ControlFlow<()> {
        black_box(line);
        self.lines += 1;
        ControlFlow::Continue(())
    }

    fn bank_line(&mut self, line: BankLine) -> ControlFlow<()> {
        black_box(line);
        self.lines += 1;
        ControlFlow::Continue(())
    }

    fn problem(&mut self, problem: Problem) -> ControlFlow<()> {
        black_box(problem);
        self.problems += 1;
        ControlFlow::Continue(())
    }
}

fn context() -> ReadContext {
    let mut context = ReadContext::new(chrono_tz::Europe::Stockholm);
    context.account = BankAccount::parse("SE4550000000058398257466").ok();
    context.bank_table = Currency::parse("SEK").ok().map(|currency| BankTable {
        booked_on: "Datum".to_owned(),
        value_date: Some("Valuta".to_owned()),
        amount: AmountColumns::Signed("Belopp".to_owned()),
        currency: CurrencyColumn::Always(currency),
        text: vec!["Text".to_owned()],
        counterparty: Some("Motpart".to_owned()),
        bank_reference: Some("Referens".to_owned()),
        reference: None,
        balance: Some("Saldo".to_owned()),
        date_format: DateFormat::YearMonthDay,
        decimals: DecimalStyle::Comma,
        delimiter: Delimiter::Semicolon,
        encoding: TextEncoding::Utf8,
    });
    context
}

fn formats() -> impl Iterator<Item = &'static str> {
    generator::GENERATORS.iter().map(|(name, _)| *name)
}

#[divan::bench(args = formats(), sample_count = 10, sample_size = 1)]
fn reading(bencher: Bencher<'_, '_>, name: &str) {
    let found = generator::GENERATORS
        .iter()
        .find(|(known, _)| *known == name);
    let (Some((_, generate)), Some(format)) = (found, Format::named(name)) else {
        return;
    };
    let file = generate(ROWS);
    let context = context();
    bencher.counter(BytesCount::of_str(&file)).bench_local(|| {
        let mut sink = Count::default();
        let summary = avstem_statements::read(format, file.as_bytes(), &context, &mut sink);
        let whole = summary.is_ok_and(|summary| summary.lines == ROWS);
        assert!(
            whole && sink.lines == ROWS && sink.problems == 0,
            "{name} was not read whole"
        );
    });
}

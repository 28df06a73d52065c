//! A bank's own table, laid out by the settings.

use crate::desk::{Read, read_with, sek, stockholm};
use avstem_domain::money::Currency;
use avstem_domain::statement::bank::ReferenceKind;
use avstem_domain::statement::bank_id::BankAccount;
use avstem_statements::context::{
    AmountColumns, BankTable, CurrencyColumn, DateFormat, DecimalStyle, Delimiter, ReadContext,
    TextEncoding,
};
use avstem_statements::error::ReadError;
use avstem_statements::formats::Format;
use avstem_statements::problem::ProblemCode;

pub fn layout() -> BankTable {
    BankTable {
        booked_on: "Bokföringsdag".to_owned(),
        value_date: Some("Valutadag".to_owned()),
        amount: AmountColumns::Signed("Belopp".to_owned()),
        currency: CurrencyColumn::Always(Currency::parse("SEK").unwrap()),
        text: vec!["Text".to_owned(), "Meddelande".to_owned()],
        counterparty: Some("Motpart".to_owned()),
        bank_reference: Some("Verifikation".to_owned()),
        reference: Some("Referens".to_owned()),
        balance: Some("Saldo".to_owned()),
        date_format: DateFormat::YearMonthDay,
        decimals: DecimalStyle::Comma,
        delimiter: Delimiter::Semicolon,
        encoding: TextEncoding::Utf8,
    }
}

pub fn context() -> ReadContext {
    let mut context = stockholm();
    context.account = Some(BankAccount::parse("SE4550000000058398257466").unwrap());
    context.bank_table = Some(layout());
    context
}

const TABLE: &str = "\
Kontoutdrag;;;;;;;;
Exempel Media AB;2026-10-01 - 2026-10-16;;;;;;;

Bokföringsdag;Valutadag;Text;Meddelande;Motpart;Verifikation;Referens;Belopp;Saldo
2026-10-05;2026-10-05;STRIPE;SMPLTRACE1;STRIPE PAYMENTS EUROPE LTD;BK20261005-001;po_1SmpL01;1 439,05;51 439,05
2026-10-06;2026-10-06;HYRA OKT 2026;;FASTIGHETS AB HYRAN;BK20261006-001;;-1.500,00;49.939,05
2026-10-07;;STRIPE;SMPLTRACE2;Åsa Öberg;BK20261007-001;po_1SmpL02;1213,42;51152,47
";

fn read(text: &str) -> Result<Read, ReadError> {
    read_with(text.as_bytes(), &context())
}

#[test]
fn a_table_is_read_as_it_is_laid_out() {
    let read = read(TABLE).unwrap();
    assert_eq!(read.problems, []);
    assert_eq!(read.summary.format, Format::named("bank_csv").unwrap());
    let first = &read.entries[0];
    assert_eq!(first.amount, sek(143_905));
    assert_eq!(first.text, "STRIPE SMPLTRACE1");
    assert_eq!(
        (first.references[0].kind, first.references[0].text.as_str()),
        (ReferenceKind::EndToEnd, "po_1SmpL01")
    );
    assert_eq!(first.row, 4);
    assert_eq!(read.entries[1].amount, sek(-150_000));
    assert_eq!(read.entries[2].value_date, None);
    assert_eq!(read.entries[2].counterparty.as_deref(), Some("Åsa Öberg"));
    let camt = crate::desk::sample("bank_camt.053.001.08.xml");
    let ids = |read: &Read| {
        read.entries
            .iter()
            .map(|entry| entry.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&read), ids(&camt)[..3]);
}

#[test]
fn newest_first_adds_up_as_well_and_a_missing_row_does_not() {
    let mut lines: Vec<&str> = TABLE.lines().collect();
    lines[4..].reverse();
    assert_eq!(read(&(lines.join("\n") + "\n")).unwrap().entries.len(), 3);
    let missing = TABLE.replace("2026-10-06;2026-10-06;HYRA OKT 2026;;FASTIGHETS AB HYRAN;BK20261006-001;;-1.500,00;49.939,05\n", "");
    let error = read(&missing).unwrap_err();
    assert!(matches!(error, ReadError::ControlTotal { .. }), "{error}");
    assert!(error.to_string().contains("row 5"), "{error}");
}

#[test]
fn the_wrong_decimal_style_is_seen_and_not_guessed() {
    let mut context = context();
    context.bank_table.as_mut().unwrap().decimals = DecimalStyle::Dot;
    let read = read_with(TABLE.as_bytes(), &context).unwrap();
    assert_eq!(read.entries.len(), 0);
    assert!(
        read.problems
            .iter()
            .all(|problem| problem.code == ProblemCode::NotAnAmount)
    );
    assert!(
        read.problems[0].expected.contains("decimal dot"),
        "{}",
        read.problems[0]
    );
}

#[test]
fn money_in_and_out_may_have_a_column_each() {
    let mut context = context();
    let layout = context.bank_table.as_mut().unwrap();
    *layout = BankTable {
        booked_on: "Date".to_owned(),
        value_date: None,
        amount: AmountColumns::InAndOut {
            money_in: "In".to_owned(),
            money_out: "Out".to_owned(),
        },
        currency: CurrencyColumn::Column("Ccy".to_owned()),
        text: vec!["Text".to_owned()],
        counterparty: None,
        bank_reference: None,
        reference: None,
        balance: None,
        date_format: DateFormat::DayMonthYear,
        decimals: DecimalStyle::Dot,
        delimiter: Delimiter::Comma,
        encoding: TextEncoding::Utf8,
    };
    let table = "Date,In,Out,Ccy,Text\n05/10/2026,\"1,439.05\",,SEK,a\n06/10/2026,,1500.00,SEK,b\n06/10/2026,,1500.00,SEK,b\n07/10/2026,1.00,1.00,SEK,c\n";
    let read = read_with(table.as_bytes(), &context).unwrap();
    let amounts: Vec<_> = read.entries.iter().map(|entry| entry.amount).collect();
    // Without references, alike rows are twins.
    assert_eq!(amounts, [sek(143_905), sek(-150_000), sek(-150_000)]);
    assert_ne!(read.entries[1].id, read.entries[2].id);
    assert_eq!(read.problems[0].column, "In");
}

#[test]
fn a_reference_twice_is_one_entry() {
    let row =
        "2026-10-07;;STRIPE;SMPLTRACE2;Åsa Öberg;BK20261007-001;po_1SmpL02;1213,42;51152,47\n";
    let read = read(&format!("{TABLE}{row}")).unwrap();
    assert_eq!(read.entries.len(), 3);
    let problem = &read.problems[0];
    assert_eq!(
        (problem.code, problem.column.as_str(), problem.row),
        (ProblemCode::Repeated, "Verifikation", 7)
    );
}

/// Their digits are alike, and so are day and amount; their letters are not.
#[test]
fn references_that_differ_in_letters_only_are_two_entries() {
    let mut context = context();
    context.bank_table.as_mut().unwrap().balance = None;
    let row =
        "2026-10-07;;STRIPE;SMPLTRACE2;Åsa Öberg;BL20261007-001;po_1SmpL02;1213,42;51152,47\n";
    let read = read_with(format!("{TABLE}{row}").as_bytes(), &context).unwrap();
    assert_eq!(read.entries.len(), 4);
    assert_ne!(read.entries[2].id, read.entries[3].id);
}

#[test]
fn encodings_are_the_ones_that_the_settings_say() {
    let mut context = context();
    let wanted = read(TABLE).unwrap().entries;
    let latin: Vec<u8> = TABLE
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let error = avstem_statements::read(
        Format::named("bank_csv").unwrap(),
        &latin[..],
        &context,
        &mut avstem_statements::sink::Collected::default(),
    )
    .unwrap_err();
    assert!(matches!(error, ReadError::Encoding { .. }), "{error}");
    context.bank_table.as_mut().unwrap().encoding = TextEncoding::Windows1252;
    assert_eq!(read_with(&latin, &context).unwrap().entries, wanted);
    context.bank_table.as_mut().unwrap().encoding = TextEncoding::Utf16;
    let utf16: Vec<u8> = format!("\u{feff}{TABLE}")
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let format = Format::named("bank_csv").unwrap();
    assert_eq!(
        crate::desk::read_as(format, &utf16, &context)
            .unwrap()
            .entries,
        wanted
    );
}

#[test]
fn what_the_settings_lack_is_said() {
    let format = Format::named("bank_csv").unwrap();
    let with = |context: &ReadContext| {
        crate::desk::read_as(format, TABLE.as_bytes(), context).unwrap_err()
    };
    let mut lacking = context();
    lacking.account = None;
    assert!(matches!(with(&lacking), ReadError::AccountMissing));
    lacking.bank_table = None;
    assert!(matches!(with(&lacking), ReadError::LayoutMissing));
    let mut other = context();
    other.bank_table.as_mut().unwrap().booked_on = "Datum".to_owned();
    let error = with(&other);
    assert!(
        matches!(&error, ReadError::MissingColumns { columns, .. } if columns.contains(&"Datum".to_owned())),
        "{error}"
    );
}

#[test]
fn a_last_row_without_a_line_break_was_cut_where_its_last_cell_counts() {
    let cut = TABLE.trim_end().strip_suffix(",47").unwrap();
    assert!(matches!(read(cut), Err(ReadError::Cut { .. })));
}

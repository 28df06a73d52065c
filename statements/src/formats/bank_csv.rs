//! A bank's own table, laid out as the settings say.
//!
//! It names no account, so the account is told. Where it has the balance after each entry, the balances must
//! add up, oldest first or newest first: that is what shows a wrong decimal style or a missing row.

use super::{Entry, Head, Origin, Role};
use crate::amount;
use crate::bank::{Identities, SameReference};
use crate::context::{AmountColumns, BankTable, CurrencyColumn, ReadContext};
use crate::dates;
use crate::error::ReadError;
use crate::formats::Format;
use crate::header::{Column, Header, Wanted};
use crate::problem::{Problem, ProblemCode};
use crate::sink::Sink;
use crate::source::Source;
use crate::summary::{ControlKind, Holder, Summary};
use crate::table::{DataRow, TEXT_BYTES_MAX, Table, clean};
use crate::tally::Tally;
use avstem_domain::money::{Currency, Money};
use avstem_domain::statement::bank::{
    BankLine, BankReference, EntryState, ReferenceKind, Reversal,
};
use avstem_domain::statement::bank_id::BankAccount;
use chrono::NaiveDate;
use std::io::BufRead;

pub const FORMAT: Entry = Entry {
    name: "bank_csv",
    title: "the bank's own table, as laid out in the settings",
    origin: Origin::Bank,
    role: Role::Movements,
    is_content_of: is_table,
    read,
};

fn is_table(head: &Head<'_>, context: &ReadContext) -> bool {
    let Some(layout) = &context.bank_table else {
        return false;
    };
    let mut bytes = head.bytes();
    open(&mut bytes, layout, context)
        .is_ok_and(|mut table| columns(&mut table.header, layout).is_ok())
}

struct Columns {
    booked_on: Column,
    value_date: Option<Column>,
    amount: Amount,
    currency: Option<Column>,
    text: Vec<Column>,
    counterparty: Option<Column>,
    bank_reference: Option<Column>,
    reference: Option<Column>,
    balance: Option<Column>,
}

enum Amount {
    Signed(Column),
    InAndOut(Column, Column),
}

fn open<'a>(
    input: &'a mut dyn BufRead,
    layout: &BankTable,
    context: &ReadContext,
) -> Result<Table<'a>, ReadError> {
    let source = Source::new(input, layout.encoding, &context.bounds)?;
    let delimiter = layout.delimiter.byte();
    Table::open_below(source, delimiter, &context.bounds, |header| {
        header.has(|wanted| choose(wanted, layout))
    })
}

fn columns(header: &mut Header, layout: &BankTable) -> Result<Columns, ReadError> {
    header.columns(|wanted| choose(wanted, layout))
}

fn choose(wanted: &mut Wanted<'_>, layout: &BankTable) -> Columns {
    let mut optional = |name: &Option<String>| {
        let name = name.as_ref()?;
        Some(wanted.required(&[name.as_str()]))
    };
    let value_date = optional(&layout.value_date);
    let counterparty = optional(&layout.counterparty);
    let bank_reference = optional(&layout.bank_reference);
    let reference = optional(&layout.reference);
    let balance = optional(&layout.balance);
    Columns {
        booked_on: wanted.required(&[&layout.booked_on]),
        value_date,
        amount: match &layout.amount {
            AmountColumns::Signed(name) => Amount::Signed(wanted.required(&[name])),
            AmountColumns::InAndOut {
                money_in,
                money_out,
            } => Amount::InAndOut(wanted.required(&[money_in]), wanted.required(&[money_out])),
        },
        currency: match &layout.currency {
            CurrencyColumn::Column(name) => Some(wanted.required(&[name])),
            CurrencyColumn::Always(_) => None,
        },
        text: layout
            .text
            .iter()
            .map(|name| wanted.required(&[name]))
            .collect(),
        counterparty,
        bank_reference,
        reference,
        balance,
    }
}

fn read(
    format: Format,
    input: &mut dyn BufRead,
    context: &ReadContext,
    sink: &mut dyn Sink,
) -> Result<Summary, ReadError> {
    let layout = context
        .bank_table
        .as_ref()
        .ok_or(ReadError::LayoutMissing)?;
    let account = context.account.as_ref().ok_or(ReadError::AccountMissing)?;
    let mut table = open(input, layout, context)?;
    let columns = columns(&mut table.header, layout)?;
    let mut tally = Tally::new(sink, context);
    tally.holder(Holder::BankAccount(account.clone()))?;
    let mut reading = Reading {
        layout,
        columns: &columns,
        account,
        identities: Identities::default(),
        balances: Balances::default(),
    };
    while let Some(row) = table.next()? {
        let line = row.and_then(|row| reading.line(&row));
        tally.bank(line)?;
    }
    reading.balances.check(&mut tally, account)?;
    Ok(tally.finish(format))
}

struct Reading<'r> {
    layout: &'r BankTable,
    columns: &'r Columns,
    account: &'r BankAccount,
    identities: Identities,
    balances: Balances,
}

impl Reading<'_> {
    fn line(&mut self, row: &DataRow<'_>) -> Result<BankLine, Problem> {
        let columns = self.columns;
        let currency = match (&self.layout.currency, columns.currency) {
            (CurrencyColumn::Always(currency), _) => *currency,
            (CurrencyColumn::Column(_), Some(column)) => row.currency(column)?,
            (CurrencyColumn::Column(_), None) => {
                return Err(row.problem(
                    columns.booked_on,
                    ProblemCode::NotACurrency,
                    "a currency",
                ));
            }
        };
        let amount = self.amount(row, currency)?;
        let booked_on = self.day(row, columns.booked_on)?;
        let value_date = match columns
            .value_date
            .filter(|column| !row.text(*column).is_empty())
        {
            Some(column) => Some(self.day(row, column)?),
            None => None,
        };
        let balance = match columns.balance {
            Some(column) => Some(self.money(row, column, currency)?),
            None => None,
        };
        let bank_reference = row.kept_some(columns.bank_reference);
        let reference = bank_reference.as_deref();
        let id = self
            .identities
            .identify(
                self.account,
                EntryState::Booked,
                booked_on,
                amount,
                reference,
                SameReference::Repetition,
            )
            .map_err(|_| {
                let column = columns.bank_reference.unwrap_or(columns.booked_on);
                let expected = "a reference that no earlier row of this day and amount has";
                row.problem(column, ProblemCode::Repeated, expected)
            })?;
        self.balances.add(row.number(), amount, balance);
        let given = row.kept_some(columns.reference).map(|text| BankReference {
            kind: ReferenceKind::EndToEnd,
            text,
        });
        Ok(BankLine {
            row: row.number(),
            id,
            account: self.account.clone(),
            booked_on,
            value_date,
            amount,
            state: EntryState::Booked,
            reversal: Reversal::No,
            bank_reference,
            references: given.into_iter().collect(),
            counterparty: row.kept_some(columns.counterparty),
            text: text(row, &columns.text),
            code: None,
            transactions: Vec::new(),
            charges: None,
            statement: None,
        })
    }

    fn amount(&self, row: &DataRow<'_>, currency: Currency) -> Result<Money, Problem> {
        let (money_in, money_out) = match self.columns.amount {
            Amount::Signed(column) => return self.money(row, column, currency),
            Amount::InAndOut(money_in, money_out) => (money_in, money_out),
        };
        match (
            row.text(money_in).is_empty(),
            row.text(money_out).is_empty(),
        ) {
            (false, true) => self.unsigned(row, money_in, currency),
            (true, false) => {
                let amount = self.unsigned(row, money_out, currency)?;
                amount
                    .checked_neg()
                    .map_err(|_| row.not_an_amount(money_out, currency))
            }
            (true, true) | (false, false) => {
                let expected = "an amount either in this column or in the one for money out";
                Err(row.problem(money_in, ProblemCode::NotAnAmount, expected))
            }
        }
    }

    /// Some banks write money out with a sign of its own, which says the same.
    fn unsigned(
        &self,
        row: &DataRow<'_>,
        column: Column,
        currency: Currency,
    ) -> Result<Money, Problem> {
        let amount = self.money(row, column, currency)?;
        Ok(Money::from_minor(amount.minor().saturating_abs(), currency))
    }

    fn money(
        &self,
        row: &DataRow<'_>,
        column: Column,
        currency: Currency,
    ) -> Result<Money, Problem> {
        let style = self.layout.decimals;
        amount::grouped(row.text(column), style, currency)
            .map(|minor| Money::from_minor(minor, currency))
            .ok_or_else(|| {
                let point = style.as_str();
                let expected =
                    format!("an amount in {currency} with a decimal {point}, as the settings say");
                row.problem(column, ProblemCode::NotAnAmount, expected)
            })
    }

    fn day(&self, row: &DataRow<'_>, column: Column) -> Result<NaiveDate, Problem> {
        let format = self.layout.date_format;
        dates::day_in(row.text(column), format).ok_or_else(|| {
            let expected = format!("a day as {}, as the settings say", format.as_str());
            row.not_a_time(column, &expected)
        })
    }
}

fn text(row: &DataRow<'_>, columns: &[Column]) -> String {
    if let [column] = columns {
        return row.kept(Some(*column));
    }
    let cells: Vec<&str> = columns
        .iter()
        .map(|column| row.text(*column))
        .filter(|text| !text.is_empty())
        .collect();
    clean(&cells.join(" "), TEXT_BYTES_MAX)
}

/// Whether each balance follows from the one before, in either order of the rows.
#[derive(Default)]
struct Balances {
    last: Option<(Money, Money)>,
    /// The first row that does not follow when the oldest comes first, and when the newest does.
    oldest_first_breaks: Option<u64>,
    newest_first_breaks: Option<u64>,
    rows: u64,
}

impl Balances {
    fn add(&mut self, row: u64, amount: Money, balance: Option<Money>) {
        let Some(balance) = balance else {
            return;
        };
        self.rows = self.rows.saturating_add(1);
        if let Some((last_amount, last_balance)) = self.last {
            if last_balance.checked_add(amount) != Ok(balance) {
                self.oldest_first_breaks = self.oldest_first_breaks.or(Some(row));
            }
            if balance.checked_add(last_amount) != Ok(last_balance) {
                self.newest_first_breaks = self.newest_first_breaks.or(Some(row));
            }
        }
        self.last = Some((amount, balance));
    }

    fn check(&self, tally: &mut Tally<'_>, account: &BankAccount) -> Result<(), ReadError> {
        if self.rows == 0 {
            return Ok(());
        }
        let rows = format!("balances that follow over {} rows", self.rows);
        let found = match (self.oldest_first_breaks, self.newest_first_breaks) {
            (None, _) | (_, None) => rows.clone(),
            (Some(one), Some(other)) => format!("none that follows at row {}", one.max(other)),
        };
        let of = account.to_string();
        tally.control(ControlKind::RunningBalance, &of, &rows, &found)
    }
}

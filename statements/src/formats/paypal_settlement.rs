//! PayPal's settlement report (STL), comma or tab separated: sections of rows between headers and footers.
//! <https://developer.paypal.com/docs/reports/sftp-reports/settlement-report/>
//!
//! Amounts are without a sign and count hundredths in every currency, yen too; a column says which way they
//! go. Of the footers, the first four amounts and the counts are checked: credits, debits, and both of fees.

mod body;
mod sums;

use super::{Entry, Head, Origin, Role};
use crate::amount;
use crate::context::{ReadContext, TextEncoding};
use crate::dates;
use crate::error::ReadError;
use crate::formats::Format;
use crate::header::Header;
use crate::rows::{Ending, Quoting, Row, Rows};
use crate::sink::Sink;
use crate::source::Source;
use crate::summary::{ControlKind, Holder, Summary};
use crate::tally::{Taken, Tally};
use avstem_domain::money::{Currency, Money};
use body::{Columns, amounts, columns, line};
use std::io::BufRead;
use sums::{Sums, add_all};

pub const FORMAT: Entry = Entry {
    name: "paypal_settlement",
    title: "PayPal settlement report (STL)",
    origin: Origin::Provider("paypal"),
    role: Role::Movements,
    is_content_of: |head, _| is_settlement(head),
    read,
};

fn is_settlement(head: &Head<'_>) -> bool {
    let starts = ["\"RH\"", "RH,", "RH\t"];
    starts.iter().any(|start| head.starts_with(start)) && head.contains("SH")
}

/// Where in the report reading is.
struct Reading<'t, 's> {
    tally: &'t mut Tally<'s>,
    header: Option<(Header, Columns)>,
    section: Vec<Sums>,
    section_rows: u64,
    /// Of all sections so far.
    report: Vec<Sums>,
    report_rows: u64,
    place: Place,
    /// File headers (FH) whose footer (FF) has not come.
    open_files: u64,
}

/// Where the reading is, seen from the sections.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Inside,
    After,
}

fn read(
    format: Format,
    input: &mut dyn BufRead,
    context: &ReadContext,
    sink: &mut dyn Sink,
) -> Result<Summary, ReadError> {
    let source = Source::new(input, TextEncoding::Utf8, &context.bounds)?;
    let with_tabs = source
        .start_of_text()
        .iter()
        .take(16)
        .any(|byte| *byte == b'\t');
    let delimiter = if with_tabs { b'\t' } else { b',' };
    let mut rows = Rows::new(source, delimiter, &context.bounds);
    let mut tally = Tally::new(sink, context);
    let mut reading = Reading {
        tally: &mut tally,
        header: None,
        section: Vec::new(),
        section_rows: 0,
        report: Vec::new(),
        report_rows: 0,
        place: Place::Before,
        open_files: 0,
    };
    let mut last_row = 0;
    while let Some(row) = rows.next()? {
        last_row = row.number;
        reading.row(format, row)?;
    }
    let missing = match (reading.place, reading.open_files) {
        (Place::Before | Place::Inside, _) => Some("the footer of its section (SC)"),
        (Place::After, 1..) => Some("the footer of the file (FF)"),
        (Place::After, 0) => None,
    };
    if let Some(missing) = missing {
        return Err(ReadError::Cut {
            row: last_row,
            within: format!("without {missing}"),
        });
    }
    Ok(tally.finish(format))
}

impl Reading<'_, '_> {
    fn row(&mut self, format: Format, row: Row<'_>) -> Result<(), ReadError> {
        match row.cell(0) {
            "RH" => self.account(row.cell(3)),
            "SH" => {
                self.account(row.cell(3))?;
                for day in [row.cell(1), row.cell(2)] {
                    if let Some(at) = dates::slashed_with_offset(day) {
                        self.tally.cover_instant(at);
                    }
                }
                self.section.clear();
                self.section_rows = 0;
                self.place = Place::Inside;
                Ok(())
            }
            "CH" => {
                let mut header = Header::new(row);
                let columns = columns(&mut header)?;
                self.header = Some((header, columns));
                Ok(())
            }
            "SB" => self.body(row),
            "SF" => self.footer(row, &self.section.clone(), "section"),
            "RF" => self.footer(row, &self.report.clone(), "report"),
            "SC" => {
                self.count(row, self.section_rows, "section")?;
                let sums = std::mem::take(&mut self.section);
                add_all(&mut self.report, &sums)?;
                self.report_rows = self.report_rows.saturating_add(self.section_rows);
                self.place = Place::After;
                Ok(())
            }
            "RC" => self.count(row, self.report_rows, "report"),
            "FH" => {
                self.open_files = self.open_files.saturating_add(1);
                Ok(())
            }
            "FF" => {
                self.open_files = self.open_files.saturating_sub(1);
                Ok(())
            }
            "FC" => Ok(()),
            other => Err(ReadError::NotThisFormat {
                format: format.name(),
                why: format!("row {} begins with {:?}", row.number, cut(other)),
            }),
        }
    }

    fn account(&mut self, account: &str) -> Result<(), ReadError> {
        if account.is_empty() {
            return Ok(());
        }
        let account = crate::table::clean(account, 80);
        self.tally.holder(Holder::ProviderAccount(account))
    }

    fn body(&mut self, row: Row<'_>) -> Result<(), ReadError> {
        let Some((header, columns)) = &self.header else {
            return Err(ReadError::Malformed {
                row: row.number,
                column: "SB".to_owned(),
                what: "a row of data stands before the names of the columns (CH)".to_owned(),
            });
        };
        let row = match header.data(row)? {
            Ok(row) => row,
            Err(problem) => {
                self.section_rows = self.section_rows.saturating_add(1);
                self.tally.provider(Err(problem))?;
                return Ok(());
            }
        };
        let amounts = amounts(&row, columns);
        let line = amounts
            .clone()
            .and_then(|(gross, fee)| line(&row, columns, gross, fee));
        let taken = self.tally.provider(line)?;
        if taken == Taken::Repeated {
            return Ok(());
        }
        self.section_rows = self.section_rows.saturating_add(1);
        if let Ok((gross, fee)) = amounts {
            add_all(&mut self.section, &[Sums::of(gross, fee)?])?;
        }
        Ok(())
    }

    fn footer(&mut self, row: Row<'_>, sums: &[Sums], of: &str) -> Result<(), ReadError> {
        self.refuse_cut(row)?;
        let currency = Currency::parse(row.cell(1)).map_err(|_| malformed(row, 2))?;
        let zero = Sums::zero(currency);
        let sums = sums
            .iter()
            .find(|sums| sums.credits.currency() == currency)
            .unwrap_or(&zero);
        let of = format!("{of} in {currency}");
        let figures = [
            (ControlKind::Credits, sums.credits),
            (ControlKind::Debits, sums.debits),
            (ControlKind::FeeCredits, sums.fee_credits),
            (ControlKind::FeeDebits, sums.fee_debits),
        ];
        for (at, (what, found)) in (2..).zip(figures) {
            let said = amount::hundredths_unsigned(row.cell(at), currency)
                .map(|minor| Money::from_minor(minor, currency))
                .ok_or_else(|| malformed(row, at.saturating_add(1)))?;
            self.tally
                .control(what, &of, &said.to_string(), &found.to_string())?;
        }
        Ok(())
    }

    fn count(&mut self, row: Row<'_>, found: u64, of: &str) -> Result<(), ReadError> {
        self.refuse_cut(row)?;
        let said: u64 = row.cell(1).parse().map_err(|_| malformed(row, 2))?;
        self.tally.control(
            ControlKind::Count,
            of,
            &said.to_string(),
            &found.to_string(),
        )
    }

    /// `"SC",60` cut to `"SC",6` would still be a number.
    fn refuse_cut(&self, row: Row<'_>) -> Result<(), ReadError> {
        if row.ending
            == (Ending::EndOfFile {
                last_cell: Quoting::Plain,
            })
        {
            return Err(ReadError::Cut {
                row: row.number,
                within: "inside a footer".to_owned(),
            });
        }
        Ok(())
    }
}

fn malformed(row: Row<'_>, column: usize) -> ReadError {
    let cell = row.cell(column.saturating_sub(1));
    ReadError::Malformed {
        row: row.number,
        column: column.to_string(),
        what: format!("{:?} is not what a footer has there", cut(cell)),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(20).collect()
}

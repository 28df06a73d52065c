//! SWIFT MT940: customer statement messages, one or more, as banks deliver them.
//! <https://www.swift.com/standards> (Category 9, MT 940)
//!
//! Amounts have a comma, entry dates no year, and the character set no å, ä, ö. The bank's reference is cut to
//! 16 characters; [`avstem_domain::statement::bank_id::BankLineId`] bears with that.

mod field;
mod narrative;
mod tag61;

use super::{Entry, Head, Origin, Role};
use crate::bank::{Identities, SameReference, known_account, repeated};
use crate::context::{ReadContext, TextEncoding};
use crate::error::ReadError;
use crate::formats::Format;
use crate::lines::Lines;
use crate::problem::Problem;
use crate::sink::Sink;
use crate::source::Source;
use crate::summary::{ControlKind, Holder, Statement, Summary};
use crate::table::clean;
use crate::tally::{Tally, sum};
use avstem_domain::money::Money;
use avstem_domain::statement::bank::{
    BankLine, BankReference, EntryState, ReferenceKind, StatementPage,
};
use avstem_domain::statement::bank_id::BankAccount;
use field::{Field, account, balance, malformed, tag};
use std::io::BufRead;
use tag61::Tag61;

pub const FORMAT: Entry = Entry {
    name: "mt940",
    title: "SWIFT MT940",
    origin: Origin::Bank,
    role: Role::Movements,
    is_content_of: |head, _| is_statement(head),
    read,
};

fn is_statement(head: &Head<'_>) -> bool {
    let starts = head.starts_with("{1:") || head.starts_with(":20:");
    starts && head.contains(":25:") && head.contains(":60")
}

/// A field's text over all its lines may be so long; the standard has 6 × 65.
const FIELD_BYTES_MAX: usize = 8 * 1024;

fn read(
    format: Format,
    input: &mut dyn BufRead,
    context: &ReadContext,
    sink: &mut dyn Sink,
) -> Result<Summary, ReadError> {
    let source = Source::new(input, TextEncoding::Utf8, &context.bounds)?;
    let mut lines = Lines::new(source, &context.bounds);
    let mut reading = Reading {
        context,
        tally: Tally::new(sink, context),
        identities: Identities::default(),
        last_page: None,
        message: None,
        messages: 0,
    };
    let mut field = Field::default();
    let mut last_line = 0;
    while let Some(line) = lines.next()? {
        last_line = line.number;
        let text = line.text.trim_end();
        if let Some((tag, rest)) = tag(text) {
            reading.field(&field)?;
            field = Field {
                row: line.number,
                tag,
                text: rest.to_owned(),
            };
        } else if is_frame(text) {
            reading.field(&std::mem::take(&mut field))?;
        } else if !text.is_empty() && field.text.len() < FIELD_BYTES_MAX {
            field.text.push('\n');
            field.text.push_str(text);
        }
    }
    reading.field(&field)?;
    if reading.message.is_some() || reading.messages == 0 {
        return Err(ReadError::Cut {
            row: last_line,
            within: "without a closing balance (:62F:)".to_owned(),
        });
    }
    Ok(reading.tally.finish(format))
}

/// Block headers and the end of a message.
fn is_frame(line: &str) -> bool {
    line == "-" || line == "-}" || line.starts_with("{1:") || line.starts_with("-}")
}

struct Reading<'r, 's> {
    context: &'r ReadContext,
    tally: Tally<'s>,
    identities: Identities,
    /// The page before, so that the next one is told from a new statement.
    last_page: Option<(BankAccount, StatementPage)>,
    /// The message being read; none behind its closing balance.
    message: Option<Message>,
    messages: u64,
}

struct Message {
    row: u64,
    id: String,
    account: Option<BankAccount>,
    page: StatementPage,
    opening: Option<Money>,
    booked: Option<Money>,
    entries: u64,
    pending: Option<Pending>,
}

/// An entry that may still get its narrative.
struct Pending {
    row: u64,
    entry: Result<Tag61, Problem>,
    narrative: String,
}

impl Reading<'_, '_> {
    fn field(&mut self, field: &Field) -> Result<(), ReadError> {
        match field.tag.as_str() {
            "" => Ok(()),
            "20" => self.begin(field),
            "25" => self.account(field),
            "28" | "28C" => self.number(field),
            "60F" | "60M" => self.opening(field),
            "61" => self.entry(field),
            "86" => self.narrative(field),
            "62F" | "62M" => self.closing(field),
            // Available balances and the rest follow the closing balance.
            _ => Ok(()),
        }
    }

    fn begin(&mut self, field: &Field) -> Result<(), ReadError> {
        if let Some(message) = &self.message {
            return Err(ReadError::Cut {
                row: field.row,
                within: format!(
                    "of message {:?}, which has no closing balance (:62F:)",
                    message.id
                ),
            });
        }
        let id = clean(&field.text, 80);
        self.message = Some(Message {
            row: field.row,
            page: StatementPage {
                id: id.clone(),
                sequence: None,
                page: None,
            },
            id,
            account: None,
            opening: None,
            booked: None,
            entries: 0,
            pending: None,
        });
        Ok(())
    }

    fn open(&mut self, field: &Field) -> Result<&mut Message, ReadError> {
        self.message.as_mut().ok_or_else(|| {
            malformed(
                field,
                "it stands outside of a message, which begins with :20:",
            )
        })
    }

    fn account(&mut self, field: &Field) -> Result<(), ReadError> {
        let account = account(&field.text)
            .ok_or_else(|| malformed(field, "it is not the number of a bank account"))?;
        let account = known_account(account, self.context);
        self.open(field)?.account = Some(account.clone());
        self.tally.holder(Holder::BankAccount(account))
    }

    fn number(&mut self, field: &Field) -> Result<(), ReadError> {
        let message = self.open(field)?;
        let (sequence, page) = match field.text.trim().split_once('/') {
            Some((sequence, page)) => (sequence, page.parse().ok()),
            None => (field.text.trim(), None),
        };
        message.page.sequence = sequence.parse().ok();
        message.page.page = page;
        Ok(())
    }

    fn opening(&mut self, field: &Field) -> Result<(), ReadError> {
        let (opening, day) = balance(field)?;
        if field.tag == "60F" {
            self.tally.cover(day);
        }
        let message = self.open(field)?;
        message.opening = Some(opening);
        let Some(account) = message.account.clone() else {
            return Err(malformed(field, "no account (:25:) stands before it"));
        };
        let page = message.page.clone();
        let continues = self.last_page.as_ref().is_some_and(|(of, last)| {
            *of == account && last.sequence == page.sequence && last.page < page.page
        });
        if !continues {
            self.identities.start_statement();
        }
        self.last_page = Some((account, page));
        Ok(())
    }

    fn entry(&mut self, field: &Field) -> Result<(), ReadError> {
        self.flush()?;
        let message = self.open(field)?;
        let Some(opening) = message.opening else {
            return Err(malformed(
                field,
                "no opening balance (:60F:) stands before it",
            ));
        };
        let entry = tag61::read(field.row, &field.text, opening.currency());
        if let Ok(entry) = &entry
            && entry.state == EntryState::Booked
        {
            message.booked = Some(match message.booked {
                Some(booked) => sum(booked, entry.amount)?,
                None => entry.amount,
            });
            message.entries = message.entries.saturating_add(1);
        }
        message.pending = Some(Pending {
            row: field.row,
            entry,
            narrative: String::new(),
        });
        Ok(())
    }

    /// Of the entry before it; behind the closing balance it is about the statement.
    fn narrative(&mut self, field: &Field) -> Result<(), ReadError> {
        if let Some(message) = &mut self.message
            && let Some(pending) = &mut message.pending
        {
            pending.narrative.clone_from(&field.text);
        }
        self.flush()
    }

    fn closing(&mut self, field: &Field) -> Result<(), ReadError> {
        self.flush()?;
        let (closing, day) = balance(field)?;
        self.tally.cover(day);
        self.open(field)?;
        let Some(message) = self.message.take() else {
            return Ok(());
        };
        let (Some(opening), Some(account)) = (message.opening, message.account) else {
            return Err(malformed(
                field,
                "no account or opening balance stands before it",
            ));
        };
        let found = match message.booked {
            Some(booked) => sum(opening, booked)?,
            None => opening,
        };
        let of = format!(
            "statement {:?} of {account} (row {})",
            message.id, message.row
        );
        let (said, found) = (closing.to_string(), found.to_string());
        self.tally
            .control(ControlKind::Balance, &of, &said, &found)?;
        self.messages = self.messages.saturating_add(1);
        self.tally.statement(Statement {
            account,
            page: message.page,
            opening: Some(opening),
            closing: Some(closing),
            booked: message.entries,
        })
    }

    /// Hands on the entry that was waiting for its narrative.
    fn flush(&mut self) -> Result<(), ReadError> {
        let Some(message) = &mut self.message else {
            return Ok(());
        };
        let (Some(pending), Some(account)) = (message.pending.take(), message.account.clone())
        else {
            return Ok(());
        };
        let page = message.page.clone();
        let line = pending.entry.and_then(|entry| {
            let identities = &mut self.identities;
            line(
                pending.row,
                entry,
                &pending.narrative,
                account,
                page,
                identities,
            )
        });
        self.tally.bank(line)
    }
}

fn line(
    row: u64,
    entry: Tag61,
    narrative: &str,
    account: BankAccount,
    page: StatementPage,
    identities: &mut Identities,
) -> Result<BankLine, Problem> {
    let reference = entry.bank_reference.as_deref();
    let id = identities
        .identify(
            &account,
            entry.state,
            entry.booked_on,
            entry.amount,
            reference,
            SameReference::Twins,
        )
        .map_err(|id| repeated(row, ":61:", &id))?;
    let told = narrative::read(narrative);
    let mut references = told.references;
    if let Some(text) = entry.customer_reference {
        let kind = ReferenceKind::Customer;
        references.insert(0, BankReference { kind, text });
    }
    Ok(BankLine {
        row,
        id,
        account,
        booked_on: entry.booked_on,
        value_date: Some(entry.value_date),
        amount: entry.amount,
        state: entry.state,
        reversal: entry.reversal,
        bank_reference: entry.bank_reference,
        references,
        counterparty: told.counterparty,
        text: if told.text.is_empty() {
            entry.details
        } else {
            told.text
        },
        code: Some(entry.code),
        transactions: Vec::new(),
        charges: None,
        statement: Some(page),
    })
}

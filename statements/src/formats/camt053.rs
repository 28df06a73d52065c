//! ISO 20022 camt.053, any version: bank to customer statements. Elements are known by their local names.
//! <https://www.iso20022.org/iso-20022-message-definitions> (BankToCustomerStatement)

mod details;
mod entry;
mod statement;

use super::{Entry, Head, Origin, Role};
use crate::bank::Identities;
use crate::context::ReadContext;
use crate::error::ReadError;
use crate::formats::Format;
use crate::sink::Sink;
use crate::source::Source;
use crate::summary::Summary;
use crate::tally::Tally;
use crate::xml::Xml;
use std::io::BufRead;

pub const FORMAT: Entry = Entry {
    name: "camt053",
    title: "ISO 20022 camt.053",
    origin: Origin::Bank,
    role: Role::Movements,
    is_content_of: |head, _| is_statement(head),
    read,
};

fn is_statement(head: &Head<'_>) -> bool {
    head.starts_with("<") && (head.contains("camt.053.001.") || head.contains("BkToCstmrStmt"))
}

/// Envelopes of banks put the document a few elements deep.
const ENVELOPES_MAX: usize = 4;

fn read(
    format: Format,
    input: &mut dyn BufRead,
    context: &ReadContext,
    sink: &mut dyn Sink,
) -> Result<Summary, ReadError> {
    let source = Source::of_xml(input, &context.bounds)?;
    let mut reading = Reading {
        format,
        context,
        xml: Xml::new(source, &context.bounds),
        tally: Tally::new(sink, context),
        identities: Identities::default(),
        pages: Vec::new(),
        page: None,
        row: 0,
        statements: 0,
    };
    reading.children(ENVELOPES_MAX)?;
    reading.xml.expect_end()?;
    if reading.statements == 0 {
        return Err(ReadError::NotThisFormat {
            format: format.name(),
            why: "it has no statement (BkToCstmrStmt/Stmt)".to_owned(),
        });
    }
    Ok(reading.tally.finish(format))
}

struct Reading<'r, 's> {
    format: Format,
    context: &'r ReadContext,
    xml: Xml<'r>,
    tally: Tally<'s>,
    identities: Identities,
    /// The statements so far, so that the next page of one is told from one that was sent again.
    pages: Vec<statement::Key>,
    /// `GrpHdr/MsgPgntn/PgNb`: the page that the message is.
    page: Option<u64>,
    /// The number of the entry being read.
    row: u64,
    statements: u64,
}

impl Reading<'_, '_> {
    fn children(&mut self, envelopes: usize) -> Result<(), ReadError> {
        while let Some(name) = self.xml.child()? {
            match name {
                "BkToCstmrStmt" => self.message()?,
                "BkToCstmrAcctRpt" | "BkToCstmrDbtCdtNtfctn" => {
                    return Err(ReadError::NotThisFormat {
                        format: self.format.name(),
                        why: "it is an account report (camt.052) or a notification (camt.054), which have no final balances".to_owned(),
                    });
                }
                "AppHdr" => self.xml.skip()?,
                _ if envelopes == 0 => self.xml.skip()?,
                _ => self.children(envelopes.saturating_sub(1))?,
            }
            // A document has one root; whether more follows is asked behind it.
            if envelopes == ENVELOPES_MAX {
                break;
            }
        }
        Ok(())
    }

    fn message(&mut self) -> Result<(), ReadError> {
        while let Some(name) = self.xml.child()? {
            match name {
                "GrpHdr" => self.message_header()?,
                "Stmt" => {
                    self.statements = self.statements.saturating_add(1);
                    self.statement()?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn message_header(&mut self) -> Result<(), ReadError> {
        while let Some(name) = self.xml.child()? {
            match name {
                "MsgPgntn" => self.page = statement::page_number(&mut self.xml)?,
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }
}

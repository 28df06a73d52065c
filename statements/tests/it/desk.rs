//! Hands files in, and checks what always holds of what comes out.

use avstem_domain::money::{Currency, Money};
use avstem_domain::statement::ProviderLine;
use avstem_domain::statement::bank::{BankLine, EntryState};
use avstem_statements::context::ReadContext;
use avstem_statements::error::ReadError;
use avstem_statements::formats::Format;
use avstem_statements::problem::Problem;
use avstem_statements::sink::Collected;
use avstem_statements::summary::Summary;
use std::path::Path;

#[derive(Debug)]
pub struct Read {
    pub summary: Summary,
    pub lines: Vec<ProviderLine>,
    pub entries: Vec<BankLine>,
    pub problems: Vec<Problem>,
}

pub fn stockholm() -> ReadContext {
    ReadContext::new(chrono_tz::Europe::Stockholm)
}

pub fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    std::fs::read(path).unwrap()
}

pub fn text(name: &str) -> String {
    String::from_utf8(fixture(name)).unwrap()
}

/// Detects the format, reads the file, and checks that every row was accounted for.
pub fn read_with(bytes: &[u8], context: &ReadContext) -> Result<Read, ReadError> {
    let head = &bytes[..bytes.len().min(avstem_statements::HEAD_BYTES)];
    let format = avstem_statements::detect(head, context)?;
    read_as(format, bytes, context)
}

pub fn read_as(format: Format, bytes: &[u8], context: &ReadContext) -> Result<Read, ReadError> {
    let mut sink = Collected::default();
    let summary = avstem_statements::read(format, bytes, context, &mut sink)?;
    let told = sink.provider_lines.len() + sink.bank_lines.len();
    assert_eq!(summary.lines, u64::try_from(told).unwrap());
    assert_eq!(
        summary.problems,
        u64::try_from(sink.problems.len()).unwrap()
    );
    assert_eq!(summary.lines + summary.problems, summary.data_rows);
    assert_eq!(summary.format, format);
    Ok(Read {
        summary,
        lines: sink.provider_lines,
        entries: sink.bank_lines,
        problems: sink.problems,
    })
}

pub fn read(bytes: &[u8]) -> Result<Read, ReadError> {
    read_with(bytes, &stockholm())
}

/// A sample, which must be without problems.
pub fn sample(name: &str) -> Read {
    let read = read(&fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(read.problems, [], "{name}");
    read
}

pub fn sek(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("SEK").unwrap())
}

impl Read {
    pub fn line(&self, id: &str) -> &ProviderLine {
        let found = self.lines.iter().find(|line| line.id.as_str() == id);
        found.unwrap_or_else(|| panic!("no line {id} in {:?}", self.ids()))
    }

    pub fn ids(&self) -> Vec<&str> {
        self.lines.iter().map(|line| line.id.as_str()).collect()
    }

    pub fn net(&self) -> Money {
        self.lines.iter().fold(sek(0), |sum, line| {
            sum.checked_add(line.amounts.net()).unwrap()
        })
    }

    pub fn booked(&self) -> Money {
        self.entries
            .iter()
            .filter(|entry| entry.state == EntryState::Booked)
            .fold(sek(0), |sum, entry| sum.checked_add(entry.amount).unwrap())
    }
}

//! The bank of the demo's company, and its statements (camt.053.001.08).

use avstem_domain::money::{Currency, Money};
use chrono::NaiveDate;
use std::fmt::Write;

pub const IBAN: &str = "SE4550000000058398257466";

/// A booking on the account.
pub struct Booking {
    pub on: NaiveDate,
    /// In öre; positive when it came in.
    pub amount_minor: i64,
    pub from: &'static str,
    pub text: String,
}

/// A statement from `first` to `last`, both inclusive. `number` is its own and part of the bank's
/// references, so that no two statements share one.
pub fn statement(
    number: u32,
    (first, last): (NaiveDate, NaiveDate),
    opening_minor: i64,
    bookings: &[Booking],
) -> String {
    let closing_minor = bookings.iter().fold(opening_minor, |sum, booking| {
        sum.saturating_add(booking.amount_minor)
    });
    let mut entries = String::new();
    for (position, booking) in (1u32..).zip(bookings) {
        // Writing to a String cannot fail.
        let _ = writeln!(
            entries,
            "<Ntry><NtryRef>{position}</NtryRef><Amt Ccy=\"SEK\">{}</Amt><CdtDbtInd>{}</CdtDbtInd>\
             <Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt>\
             <AcctSvcrRef>BK{number:04}-{position:03}</AcctSvcrRef>\
             <NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>{}</Nm></Pty></Dbtr></RltdPties>\
             <RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>",
            crowns(booking.amount_minor),
            direction(booking.amount_minor),
            booking.from,
            booking.text,
            on = booking.on,
        );
    }
    let balance = |code: &str, minor: i64, on: NaiveDate| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"SEK\">{}</Amt>\
             <CdtDbtInd>{}</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>\n",
            crowns(minor),
            direction(minor),
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt>\n\
         <GrpHdr><MsgId>DEMO-{number}</MsgId><CreDtTm>{last}T20:00:00Z</CreDtTm></GrpHdr>\n\
         <Stmt><Id>DEMO-{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb><CreDtTm>{last}T20:00:00Z</CreDtTm>\
         <FrToDt><FrDtTm>{first}T00:00:00Z</FrDtTm><ToDtTm>{last}T20:00:00Z</ToDtTm></FrToDt>\n\
         <Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>SEK</Ccy></Acct>\n\
         {}{}{entries}</Stmt></BkToCstmrStmt></Document>\n",
        balance("OPBD", opening_minor, first),
        balance("CLBD", closing_minor, last),
    )
}

/// Without a sign: the direction tells it.
fn crowns(minor: i64) -> String {
    Currency::parse("SEK").map_or_else(
        |_| minor.to_string(),
        |currency| Money::from_minor(minor.saturating_abs(), currency).to_decimal_string(),
    )
}

const fn direction(minor: i64) -> &'static str {
    if minor < 0 { "DBIT" } else { "CRDT" }
}

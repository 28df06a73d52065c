//! One entry of a statement.

use super::Reading;
use super::details::Details;
use super::statement::{Open, amount_of, date_of};
use crate::bank::{SameReference, repeated};
use crate::error::ReadError;
use crate::problem::{Problem, ProblemCode};
use crate::table::{TEXT_BYTES_MAX, clean};
use crate::xml::Xml;
use avstem_domain::money::Money;
use avstem_domain::statement::bank::{
    BankLine, BankReference, BankTransaction, EntryState, Reversal,
};
use avstem_domain::statement::bank_id::BankAccount;
use chrono::NaiveDate;

/// An entry as it is told, before it is known to be whole.
#[derive(Default)]
pub struct Told {
    amount: Option<Money>,
    direction: String,
    state: String,
    reversal: bool,
    booked_on: Option<NaiveDate>,
    value_date: Option<NaiveDate>,
    bank_reference: Option<String>,
    code: Option<String>,
    charges: Option<Money>,
    pub details: Details,
    text: String,
}

/// An entry's own figures, once they are readable.
struct Essence {
    amount: Money,
    state: EntryState,
    booked_on: NaiveDate,
}

impl Reading<'_, '_> {
    pub fn entry(&mut self, open: &mut Open) -> Result<(), ReadError> {
        self.row = self.row.saturating_add(1);
        self.xml.at_row(self.row);
        let account = self.start(open)?;
        let transactions_max = self.context.bounds.transactions_max;
        let told = told(&mut self.xml, transactions_max)?;
        // The balance must hold with every entry that has an amount, even one that is no line.
        let signed = told.signed(self.row);
        if let (Ok(amount), Ok(EntryState::Booked)) = (&signed, told.state(self.row)) {
            open.add(*amount)?;
        }
        let line = signed
            .and_then(|amount| told.essence(self.row, amount, open))
            .and_then(|essence| {
                told.check_parts(self.row, essence.amount)?;
                self.line(&told, &essence, account, open)
            });
        self.tally.bank(line)
    }

    fn line(
        &mut self,
        told: &Told,
        essence: &Essence,
        account: BankAccount,
        open: &Open,
    ) -> Result<BankLine, Problem> {
        let reference = told.bank_reference.as_deref();
        let id = self
            .identities
            .identify(
                &account,
                essence.state,
                essence.booked_on,
                essence.amount,
                reference,
                SameReference::Twins,
            )
            .map_err(|id| repeated(self.row, "Ntry", &id))?;
        let (own, transactions) = told.details.parts(essence.amount);
        Ok(BankLine {
            row: self.row,
            id,
            account,
            booked_on: essence.booked_on,
            value_date: told.value_date,
            amount: essence.amount,
            state: essence.state,
            reversal: if told.reversal {
                Reversal::Yes
            } else {
                Reversal::No
            },
            bank_reference: told.bank_reference.clone(),
            references: own.references,
            counterparty: own.counterparty,
            text: if own.text.is_empty() {
                told.text.clone()
            } else {
                own.text
            },
            code: told.code.clone(),
            transactions,
            charges: told.charges,
            statement: Some(open.page.clone()),
        })
    }
}

/// What of the details belongs to the entry itself.
pub struct Own {
    pub references: Vec<BankReference>,
    pub counterparty: Option<String>,
    pub text: String,
}

impl Told {
    fn signed(&self, row: u64) -> Result<Money, Problem> {
        let Some(amount) = self.amount else {
            let expected = "an amount with its currency, such as <Amt Ccy=\"SEK\">249.00</Amt>";
            return Err(Problem::new(
                row,
                "Amt",
                ProblemCode::NotAnAmount,
                "",
                expected,
            ));
        };
        match self.direction.as_str() {
            "CRDT" => Ok(amount),
            "DBIT" => Ok(Money::from_minor(
                amount.minor().saturating_neg(),
                amount.currency(),
            )),
            other => Err(Problem::new(
                row,
                "CdtDbtInd",
                ProblemCode::NotAWord,
                other,
                "CRDT or DBIT",
            )),
        }
    }

    fn state(&self, row: u64) -> Result<EntryState, Problem> {
        match self.state.as_str() {
            "BOOK" => Ok(EntryState::Booked),
            "PDNG" | "FUTR" => Ok(EntryState::Pending),
            "INFO" => Ok(EntryState::Information),
            other => Err(Problem::new(
                row,
                "Sts",
                ProblemCode::NotAWord,
                other,
                "BOOK, PDNG or INFO",
            )),
        }
    }

    fn essence(&self, row: u64, amount: Money, open: &Open) -> Result<Essence, Problem> {
        let state = self.state(row)?;
        if let Some(currency) = open.currency.filter(|known| *known != amount.currency()) {
            let expected = format!("{currency}, the currency of the account");
            let found = amount.currency().to_string();
            return Err(Problem::new(
                row,
                "Amt",
                ProblemCode::NotACurrency,
                &found,
                expected,
            ));
        }
        let Some(booked_on) = self.booked_on.or(self.value_date) else {
            let expected = "a day such as <BookgDt><Dt>2026-10-05</Dt></BookgDt>";
            return Err(Problem::new(
                row,
                "BookgDt",
                ProblemCode::NotATime,
                "",
                expected,
            ));
        };
        Ok(Essence {
            amount,
            state,
            booked_on,
        })
    }

    /// Collective entries: their parts, where each has an amount, and their headers.
    fn check_parts(&self, row: u64, amount: Money) -> Result<(), Problem> {
        let size = Money::from_minor(amount.minor().saturating_abs(), amount.currency());
        let wrong = |column: &str, found: String, expected: String| {
            Problem::new(row, column, ProblemCode::DoesNotAddUp, &found, expected)
        };
        if let Some(parts) = self.details.sum_of_parts(amount)
            && parts != amount
        {
            let expected = format!("parts (TxDtls) that add up to {amount}");
            return Err(wrong("TxDtls", parts.to_string(), expected));
        }
        let [batch] = self.details.batches.as_slice() else {
            return Ok(());
        };
        if let Some(total) = batch
            .total
            .filter(|total| total.currency() == size.currency())
            && total != size
        {
            let expected = format!("{size}, the amount of the entry");
            return Err(wrong("Btch/TtlAmt", total.to_string(), expected));
        }
        let listed = u64::try_from(self.details.transactions.len()).unwrap_or(u64::MAX);
        if let Some(count) = batch.count.filter(|count| listed > 0 && *count != listed) {
            let expected = format!("{listed}, the number of parts (TxDtls)");
            return Err(wrong("Btch/NbOfTxs", count.to_string(), expected));
        }
        Ok(())
    }
}

fn told(xml: &mut Xml<'_>, transactions_max: usize) -> Result<Told, ReadError> {
    let mut told = Told::default();
    while let Some(name) = xml.child()? {
        match name {
            "Amt" => told.amount = amount_of(xml)?,
            "CdtDbtInd" => told.direction = clean(xml.text()?, 40),
            "Sts" => told.state = state(xml)?,
            "RvslInd" => told.reversal = matches!(xml.text()?, "true" | "1"),
            "BookgDt" => told.booked_on = date_of(xml)?,
            "ValDt" => told.value_date = date_of(xml)?,
            "AcctSvcrRef" => told.bank_reference = reference(xml)?,
            "BkTxCd" => told.code = code(xml)?,
            "Chrgs" => charges(xml, &mut told.charges)?,
            "NtryDtls" => told.details.read(xml, transactions_max)?,
            "AddtlNtryInf" => told.text = clean(xml.text()?, TEXT_BYTES_MAX),
            _ => xml.skip()?,
        }
    }
    Ok(told)
}

/// `<Sts>BOOK</Sts>` in old versions, `<Sts><Cd>BOOK</Cd></Sts>` since.
fn state(xml: &mut Xml<'_>) -> Result<String, ReadError> {
    xml.text_or_child("Cd").map(|text| clean(text, 40))
}

/// Some banks write words where they have no reference.
pub fn reference(xml: &mut Xml<'_>) -> Result<Option<String>, ReadError> {
    let text = clean(xml.text()?, 140);
    let none = matches!(text.as_str(), "" | "NOTPROVIDED" | "NONREF");
    Ok((!none).then_some(text))
}

/// `PMNT/RCDT/ESCT`, or the bank's own code.
fn code(xml: &mut Xml<'_>) -> Result<Option<String>, ReadError> {
    let mut parts: Vec<String> = Vec::new();
    while let Some(name) = xml.child()? {
        match name {
            "Domn" => {
                while let Some(name) = xml.child()? {
                    match name {
                        "Cd" => parts.push(clean(xml.text()?, 40)),
                        "Fmly" => {
                            while let Some(name) = xml.child()? {
                                match name {
                                    "Cd" | "SubFmlyCd" => parts.push(clean(xml.text()?, 40)),
                                    _ => xml.skip()?,
                                }
                            }
                        }
                        _ => xml.skip()?,
                    }
                }
            }
            "Prtry" if parts.is_empty() => {
                let own = super::statement::first_code(xml)?;
                parts.extend((!own.is_empty()).then_some(own));
            }
            _ => xml.skip()?,
        }
    }
    Ok((!parts.is_empty()).then(|| parts.join("/")))
}

/// Old versions repeat `Chrgs/Amt`; newer ones have `Chrgs/Rcrd/Amt`, and perhaps a total, which is not added.
fn charges(xml: &mut Xml<'_>, charges: &mut Option<Money>) -> Result<(), ReadError> {
    while let Some(name) = xml.child()? {
        match name {
            "Amt" => add_charge(amount_of(xml)?, charges),
            "Rcrd" => {
                while let Some(name) = xml.child()? {
                    match name {
                        "Amt" => add_charge(amount_of(xml)?, charges),
                        _ => xml.skip()?,
                    }
                }
            }
            _ => xml.skip()?,
        }
    }
    Ok(())
}

fn add_charge(more: Option<Money>, charges: &mut Option<Money>) {
    *charges = match (more, *charges) {
        // Charges in several currencies have no sum.
        (Some(more), Some(held)) => held.checked_add(more).ok().or(Some(held)),
        (Some(more), None) => Some(more),
        (None, held) => held,
    };
}

/// The parts of a collective entry; a single transaction is the entry itself.
pub type Parts = (Own, Vec<BankTransaction>);

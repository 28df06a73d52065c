//! `NtryDtls`: what an entry is made of.

use super::entry::{Own, Parts, reference};
use super::statement::amount_of;
use crate::error::ReadError;
use crate::table::{TEXT_BYTES_MAX, clean};
use crate::xml::Xml;
use avstem_domain::money::Money;
use avstem_domain::statement::bank::{BankReference, BankTransaction, ReferenceKind};

#[derive(Default)]
pub struct Details {
    pub batches: Vec<Batch>,
    pub transactions: Vec<Transaction>,
}

/// The header of a collective entry.
#[derive(Default)]
pub struct Batch {
    pub count: Option<u64>,
    pub total: Option<Money>,
    references: Vec<BankReference>,
}

#[derive(Default)]
pub struct Transaction {
    amount: Option<Money>,
    direction: Option<Direction>,
    bank_reference: Option<String>,
    references: Vec<BankReference>,
    debtor: Option<String>,
    creditor: Option<String>,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Credit,
    Debit,
}

impl Details {
    /// Reads one `NtryDtls`; an entry may have several.
    pub fn read(&mut self, xml: &mut Xml<'_>, transactions_max: usize) -> Result<(), ReadError> {
        while let Some(name) = xml.child()? {
            let full = self.transactions.len().max(self.batches.len()) >= transactions_max;
            match name {
                "Btch" | "TxDtls" if full => {
                    return Err(ReadError::TooMany {
                        what: "transactions in one entry",
                        max: u64::try_from(transactions_max).unwrap_or(u64::MAX),
                    });
                }
                "Btch" => self.batches.push(batch(xml)?),
                "TxDtls" => self.transactions.push(transaction(xml)?),
                _ => xml.skip()?,
            }
        }
        Ok(())
    }

    /// What the parts come to, signed; `None` unless there are several with amounts in the entry's currency.
    pub fn sum_of_parts(&self, entry: Money) -> Option<Money> {
        if self.transactions.len() < 2 {
            return None;
        }
        let zero = Money::zero(entry.currency());
        self.transactions.iter().try_fold(zero, |sum, transaction| {
            sum.checked_add(transaction.signed(entry)?).ok()
        })
    }

    /// What belongs to the entry itself, and the parts of a collective one.
    pub fn parts(&self, entry: Money) -> Parts {
        let batch_references = self
            .batches
            .iter()
            .flat_map(|batch| batch.references.clone());
        let mut references: Vec<BankReference> = batch_references.collect();
        if let [single] = self.transactions.as_slice() {
            references.extend(single.references.iter().cloned());
            let own = Own {
                references,
                counterparty: single.counterparty(entry),
                text: single.text.clone(),
            };
            return (own, Vec::new());
        }
        let own = Own {
            references,
            counterparty: None,
            text: String::new(),
        };
        let parts = self.transactions.iter().map(|transaction| BankTransaction {
            amount: transaction.signed(entry),
            bank_reference: transaction.bank_reference.clone(),
            references: transaction.references.clone(),
            counterparty: transaction.counterparty(entry),
            text: transaction.text.clone(),
        });
        (own, parts.collect())
    }
}

impl Transaction {
    /// With the sign of its own direction, or else the entry's; `None` in another currency.
    fn signed(&self, entry: Money) -> Option<Money> {
        let amount = self
            .amount
            .filter(|amount| amount.currency() == entry.currency())?;
        let debit = match self.direction {
            Some(direction) => direction == Direction::Debit,
            None => entry.minor() < 0,
        };
        if debit {
            amount.checked_neg().ok()
        } else {
            Some(amount)
        }
    }

    /// Who paid us, or whom we paid.
    fn counterparty(&self, entry: Money) -> Option<String> {
        if entry.minor() < 0 {
            self.creditor.clone()
        } else {
            self.debtor.clone()
        }
    }
}

fn batch(xml: &mut Xml<'_>) -> Result<Batch, ReadError> {
    let mut batch = Batch::default();
    while let Some(name) = xml.child()? {
        match name {
            "MsgId" | "PmtInfId" => {
                push(&mut batch.references, ReferenceKind::Batch, reference(xml)?);
            }
            "NbOfTxs" => batch.count = xml.text()?.parse().ok(),
            "TtlAmt" => batch.total = amount_of(xml)?,
            _ => xml.skip()?,
        }
    }
    Ok(batch)
}

fn transaction(xml: &mut Xml<'_>) -> Result<Transaction, ReadError> {
    let mut transaction = Transaction::default();
    let mut additional = String::new();
    while let Some(name) = xml.child()? {
        match name {
            "Refs" => references(xml, &mut transaction)?,
            "Amt" => transaction.amount = amount_of(xml)?,
            "CdtDbtInd" => {
                transaction.direction = match xml.text()? {
                    "CRDT" => Some(Direction::Credit),
                    "DBIT" => Some(Direction::Debit),
                    _ => None,
                };
            }
            "AmtDtls" => {
                let told = transaction_amount(xml)?;
                transaction.amount = transaction.amount.or(told);
            }
            "RltdPties" => parties(xml, &mut transaction)?,
            "RmtInf" => remittance(xml, &mut transaction)?,
            "AddtlTxInf" => additional = clean(xml.text()?, TEXT_BYTES_MAX),
            _ => xml.skip()?,
        }
    }
    if transaction.text.is_empty() {
        transaction.text = additional;
    }
    Ok(transaction)
}

fn references(xml: &mut Xml<'_>, transaction: &mut Transaction) -> Result<(), ReadError> {
    while let Some(name) = xml.child()? {
        let kind = match name {
            "AcctSvcrRef" => {
                transaction.bank_reference = reference(xml)?;
                continue;
            }
            "EndToEndId" => ReferenceKind::EndToEnd,
            "TxId" | "UETR" | "ClrSysRef" => ReferenceKind::Transaction,
            "InstrId" => ReferenceKind::Instruction,
            "MndtId" => ReferenceKind::Mandate,
            "MsgId" | "PmtInfId" => ReferenceKind::Batch,
            "ChqNb" => ReferenceKind::Document,
            "Prtry" => {
                let text = xml.text_or_child("Ref").map(|text| clean(text, 140))?;
                push(
                    &mut transaction.references,
                    ReferenceKind::Other,
                    Some(text),
                );
                continue;
            }
            _ => {
                xml.skip()?;
                continue;
            }
        };
        push(&mut transaction.references, kind, reference(xml)?);
    }
    Ok(())
}

fn transaction_amount(xml: &mut Xml<'_>) -> Result<Option<Money>, ReadError> {
    let mut amount = None;
    while let Some(name) = xml.child()? {
        match name {
            "TxAmt" => {
                while let Some(name) = xml.child()? {
                    match name {
                        "Amt" => amount = amount_of(xml)?,
                        _ => xml.skip()?,
                    }
                }
            }
            _ => xml.skip()?,
        }
    }
    Ok(amount)
}

/// The ultimate party where there is one: it is who a person would name.
fn parties(xml: &mut Xml<'_>, transaction: &mut Transaction) -> Result<(), ReadError> {
    while let Some(name) = xml.child()? {
        let (ultimate, debtor) = match name {
            "Dbtr" => (false, true),
            "UltmtDbtr" => (true, true),
            "Cdtr" => (false, false),
            "UltmtCdtr" => (true, false),
            _ => {
                xml.skip()?;
                continue;
            }
        };
        let told = party_name(xml)?;
        let held = if debtor {
            &mut transaction.debtor
        } else {
            &mut transaction.creditor
        };
        if told.is_some() && (held.is_none() || ultimate) {
            *held = told;
        }
    }
    Ok(())
}

/// `Nm` in old versions, `Pty/Nm` since.
fn party_name(xml: &mut Xml<'_>) -> Result<Option<String>, ReadError> {
    let mut found = None;
    while let Some(name) = xml.child()? {
        match name {
            "Nm" => found = Some(clean(xml.text()?, 140)),
            "Pty" => found = party_name(xml)?.or(found),
            _ => xml.skip()?,
        }
    }
    Ok(found.filter(|name| !name.is_empty()))
}

fn remittance(xml: &mut Xml<'_>, transaction: &mut Transaction) -> Result<(), ReadError> {
    while let Some(name) = xml.child()? {
        match name {
            "Ustrd" => {
                let line = clean(xml.text()?, TEXT_BYTES_MAX);
                let room = TEXT_BYTES_MAX.saturating_sub(transaction.text.len());
                if !transaction.text.is_empty() {
                    transaction.text.push(' ');
                }
                transaction.text.push_str(&clean(&line, room));
            }
            "Strd" => structured(xml, &mut transaction.references)?,
            _ => xml.skip()?,
        }
    }
    Ok(())
}

fn structured(xml: &mut Xml<'_>, references: &mut Vec<BankReference>) -> Result<(), ReadError> {
    while let Some(name) = xml.child()? {
        let (kind, wanted) = match name {
            "CdtrRefInf" => (ReferenceKind::Structured, "Ref"),
            "RfrdDocInf" => (ReferenceKind::Document, "Nb"),
            _ => {
                xml.skip()?;
                continue;
            }
        };
        while let Some(name) = xml.child()? {
            if name == wanted {
                push(references, kind, reference(xml)?);
            } else {
                xml.skip()?;
            }
        }
    }
    Ok(())
}

fn push(references: &mut Vec<BankReference>, kind: ReferenceKind, text: Option<String>) {
    /// More references than any entry has use for.
    const REFERENCES_MAX: usize = 1000;
    if let Some(text) = text.filter(|_| references.len() < REFERENCES_MAX) {
        references.push(BankReference { kind, text });
    }
}

//! Journals in the books' own currency.
//!
//! What makes an account's balance grow is translated at the rate of its settlement where that is known
//! by then, else at the rate of the day. What makes it shrink is translated at what the account carries:
//! so a balance that is gone is gone in the books' currency too. What a journal then lacks or has too
//! much is a difference between rates, and goes to `expenses:fx`; so do both sides of a conversion.

use super::batches::Plan;
use super::rates::Rates;
use crate::exports::ExportError;
use crate::exports::ledger::{self, Booked, Line};
use crate::store::ReadTx;
use crate::store::rows::TranslatedBalance;
use avstem_domain::ledger::account::Account;
use avstem_domain::money::{Currency, Money, MoneyError};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Rates that are missing, in one message.
const RATES_NAMED: usize = 5;

/// A posting in minor units of the books' currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Translated {
    pub account: Account,
    pub amount: i64,
}

pub(super) struct Translator<'a> {
    books: Currency,
    rates: &'a Rates,
    carried: BTreeMap<(String, Currency), Carried>,
    changed: BTreeSet<(String, Currency)>,
    /// Of the journals at hand.
    settlements: BTreeMap<Settled, Settlement>,
    missing: BTreeSet<(NaiveDate, Currency)>,
}

/// What an account holds in another currency, and what that stands at in the books.
#[derive(Debug, Clone, Copy, Default)]
struct Carried {
    amount: i64,
    books: i64,
}

/// What was settled: something that a connection's journals name, in a currency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Settled {
    connection: String,
    reference: String,
    currency: Currency,
}

/// So much of the books' currency for so much of another, both above zero.
#[derive(Debug, Clone, Copy)]
struct Settlement {
    amount: i64,
    books: i64,
}

impl<'a> Translator<'a> {
    /// `carried` are the balances of all batches before, oldest first.
    pub fn new(
        books: Currency,
        rates: &'a Rates,
        carried: Vec<TranslatedBalance>,
    ) -> Result<Self, ExportError> {
        let mut balances = BTreeMap::new();
        for row in carried {
            let currency = Currency::parse(&row.currency)
                .map_err(|error| ExportError::unreadable("the balance", &row.account, error))?;
            let held = Carried {
                amount: row.amount,
                books: row.books,
            };
            balances.insert((row.account, currency), held);
        }
        Ok(Self {
            books,
            rates,
            carried: balances,
            changed: BTreeSet::new(),
            settlements: BTreeMap::new(),
            missing: BTreeSet::new(),
        })
    }

    /// Finds out what of these journals was settled, as far as that was known when they left.
    pub fn settlements(
        &mut self,
        tx: &mut ReadTx<'_>,
        plan: &Plan,
        page: &[Booked],
    ) -> Result<(), ExportError> {
        self.settlements.clear();
        let mut references = BTreeMap::<&str, BTreeSet<String>>::new();
        for booked in page.iter().filter(|booked| self.is_foreign(booked)) {
            references
                .entry(&booked.journal.connection)
                .or_default()
                .insert(booked.journal.reference.clone());
        }
        for (connection, references) in references {
            let references: Vec<String> = references.into_iter().collect();
            let journals = tx.journals_of_references(connection, &references)?;
            let mut histories = BTreeMap::<String, Vec<Booked>>::new();
            for booked in ledger::booked(tx, journals)? {
                let reference = booked.journal.reference.clone();
                histories.entry(reference).or_default().push(booked);
            }
            for (reference, history) in histories {
                for (currency, settlement) in settlements_in(self.books, plan, &history) {
                    let settled = Settled {
                        connection: connection.to_owned(),
                        reference: reference.clone(),
                        currency,
                    };
                    self.settlements.insert(settled, settlement);
                }
            }
        }
        Ok(())
    }

    /// The postings of a journal, which balance. Rates that are missing are remembered, and stand for
    /// zero until [`Self::require_rates`].
    pub fn translate(&mut self, booked: &Booked) -> Result<Vec<Translated>, ExportError> {
        let too_much = |_: MoneyError| {
            ExportError::unreadable(
                "the amounts",
                &booked.journal.id,
                "they do not fit in 64 bits",
            )
        };
        if !self.is_foreign(booked) {
            let same = |line: &Line| Translated {
                account: line.account.clone(),
                amount: line.amount.minor(),
            };
            return Ok(booked.lines.iter().map(same).collect());
        }
        let mut rows = Vec::new();
        let mut sum = 0i64;
        let lines = booked.lines.iter();
        for line in lines.filter(|line| line.account != Account::Conversion) {
            let amount = self.in_books(booked, line).map_err(too_much)?;
            sum = add(sum, amount).map_err(too_much)?;
            rows.push(Translated {
                account: line.account.clone(),
                amount,
            });
        }
        if sum != 0 {
            let amount = sum.checked_neg().ok_or(MoneyError::Overflow);
            rows.push(Translated {
                account: Account::Fx,
                amount: amount.map_err(too_much)?,
            });
        }
        Ok(rows)
    }

    /// Errors when a rate was missing, with the first that were.
    pub fn require_rates(&self) -> Result<(), ExportError> {
        if self.missing.is_empty() {
            return Ok(());
        }
        let named: Vec<String> = self
            .missing
            .iter()
            .take(RATES_NAMED)
            .map(|(day, currency)| format!("{currency} on {day}"))
            .collect();
        let more = self.missing.len().saturating_sub(named.len());
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Err(ExportError::Missing(format!(
            "there is no exchange rate of {}{more}; add it to the file that books.rates names",
            named.join(", ")
        )))
    }

    /// What accounts hold in other currencies after a batch, where that changed.
    pub fn changed(&self, batch: i64) -> Vec<TranslatedBalance> {
        let row = |key: &(String, Currency)| {
            let held = self.carried.get(key).copied().unwrap_or_default();
            TranslatedBalance {
                batch,
                account: key.0.clone(),
                currency: key.1.code().to_owned(),
                amount: held.amount,
                books: held.books,
            }
        };
        self.changed.iter().map(row).collect()
    }

    fn is_foreign(&self, booked: &Booked) -> bool {
        booked
            .lines
            .iter()
            .any(|line| line.amount.currency() != self.books)
    }

    fn in_books(&mut self, booked: &Booked, line: &Line) -> Result<i64, MoneyError> {
        if line.amount.currency() == self.books {
            return Ok(line.amount.minor());
        }
        let key = (line.account.to_string(), line.amount.currency());
        let held = self.carried.get(&key).copied().unwrap_or_default();
        let after = add(held.amount, line.amount.minor())?;
        let grows = held.amount == 0 || held.amount.signum() == line.amount.minor().signum();
        let amount = if after == 0 {
            held.books.checked_neg().ok_or(MoneyError::Overflow)?
        } else if grows || self.is_settled_there(booked, line) {
            self.at_rate(booked, line.amount)?
        } else if after.signum() == held.amount.signum() {
            self.share(held, line.amount.minor())?
        } else {
            // What is held goes, and the rest is held the other way round.
            let rest = Money::from_minor(after, line.amount.currency());
            let rest = self.at_rate(booked, rest)?;
            rest.checked_sub(held.books).ok_or(MoneyError::Overflow)?
        };
        let held = Carried {
            amount: after,
            books: add(held.books, amount)?,
        };
        self.carried.insert(key.clone(), held);
        self.changed.insert(key);
        Ok(amount)
    }

    /// Money at a provider leaves as it came: what was settled does not take the average of what was not.
    fn is_settled_there(&self, booked: &Booked, line: &Line) -> bool {
        matches!(line.account, Account::Provider(_))
            && self.settlement(booked, line.amount.currency()).is_some()
    }

    fn settlement(&self, booked: &Booked, currency: Currency) -> Option<Settlement> {
        let settled = Settled {
            connection: booked.journal.connection.clone(),
            reference: booked.journal.reference.clone(),
            currency,
        };
        self.settlements.get(&settled).copied()
    }

    fn at_rate(&mut self, booked: &Booked, amount: Money) -> Result<i64, MoneyError> {
        if let Some(settlement) = self.settlement(booked, amount.currency()) {
            return Money::from_minor(amount.minor(), self.books)
                .share_half_up(settlement.books, settlement.amount)
                .map(|money| money.minor());
        }
        let exchanged = self.rates.exchange(amount, self.books, booked.day);
        if exchanged.is_none() {
            self.missing.insert((booked.day, amount.currency()));
        }
        Ok(exchanged.unwrap_or(0))
    }

    /// The part of what stands in the books that a part of what is held stands for.
    fn share(&self, held: Carried, part: i64) -> Result<i64, MoneyError> {
        let magnitude = |number: i64| number.checked_abs().ok_or(MoneyError::Overflow);
        let share = Money::from_minor(part, self.books)
            .share_half_up(magnitude(held.books)?, magnitude(held.amount)?)?;
        if held.books.signum() == held.amount.signum() {
            Ok(share.minor())
        } else {
            share.checked_neg().map(|money| money.minor())
        }
    }
}

/// What the journals about one thing say of its settlements, in the order of writing: a conversion
/// counts when it was there as the first of them in its currency left.
fn settlements_in(
    books: Currency,
    plan: &Plan,
    history: &[Booked],
) -> BTreeMap<Currency, Settlement> {
    let mut known_by = BTreeMap::<Currency, i64>::new();
    let mut sums = BTreeMap::<Currency, (i64, i64)>::new();
    for booked in history {
        let position = booked.journal.position;
        for line in &booked.lines {
            let currency = line.amount.currency();
            if currency != books {
                known_by
                    .entry(currency)
                    .or_insert_with(|| plan.knew(booked.day, position));
            }
        }
        if let Some((currency, amount, in_books)) = conversion(books, booked)
            && known_by
                .get(&currency)
                .is_some_and(|known| position <= *known)
        {
            let sum = sums.entry(currency).or_default();
            *sum = (sum.0.saturating_add(amount), sum.1.saturating_sub(in_books));
        }
    }
    sums.into_iter()
        .filter(|(_, (amount, in_books))| amount.signum() == in_books.signum() && *amount != 0)
        .filter_map(|(currency, (amount, in_books))| {
            let settlement = Settlement {
                amount: amount.checked_abs()?,
                books: in_books.checked_abs()?,
            };
            Some((currency, settlement))
        })
        .collect()
}

/// The two sides of a conversion between the books' currency and one other.
fn conversion(books: Currency, booked: &Booked) -> Option<(Currency, i64, i64)> {
    let mut sides = BTreeMap::<Currency, i64>::new();
    let lines = booked.lines.iter();
    for line in lines.filter(|line| line.account == Account::Conversion) {
        let side = sides.entry(line.amount.currency()).or_default();
        *side = side.checked_add(line.amount.minor())?;
    }
    let in_books = sides.remove(&books)?;
    let (currency, amount) = sides.pop_first()?;
    sides.is_empty().then_some((currency, amount, in_books))
}

fn add(one: i64, other: i64) -> Result<i64, MoneyError> {
    one.checked_add(other).ok_or(MoneyError::Overflow)
}

#[cfg(test)]
mod tests;

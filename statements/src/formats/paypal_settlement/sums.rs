//! What rows come to, for the footers to be compared with.

use crate::error::ReadError;
use crate::tally::sum;
use avstem_domain::money::{Currency, Money};

/// What the rows of a section come to in one currency.
#[derive(Clone, Copy)]
pub struct Sums {
    pub credits: Money,
    pub debits: Money,
    pub fee_credits: Money,
    pub fee_debits: Money,
}

impl Sums {
    pub const fn zero(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            credits: zero,
            debits: zero,
            fee_credits: zero,
            fee_debits: zero,
        }
    }

    pub fn of(gross: Money, fee: Money) -> Result<Self, ReadError> {
        let zero = Money::zero(gross.currency());
        let mut sums = Self::zero(gross.currency());
        if gross.minor() < 0 {
            sums.debits = less(zero, gross)?;
        } else {
            sums.credits = gross;
        }
        if fee.minor() < 0 {
            sums.fee_credits = less(zero, fee)?;
        } else {
            sums.fee_debits = fee;
        }
        Ok(sums)
    }

    fn add(&mut self, more: &Self) -> Result<(), ReadError> {
        self.credits = sum(self.credits, more.credits)?;
        self.debits = sum(self.debits, more.debits)?;
        self.fee_credits = sum(self.fee_credits, more.fee_credits)?;
        self.fee_debits = sum(self.fee_debits, more.fee_debits)?;
        Ok(())
    }
}

fn less(zero: Money, amount: Money) -> Result<Money, ReadError> {
    sum(zero, amount.checked_neg().unwrap_or(zero))
}

pub fn add_all(all: &mut Vec<Sums>, more: &[Sums]) -> Result<(), ReadError> {
    for sums in more {
        let currency = sums.credits.currency();
        match all
            .iter_mut()
            .find(|held| held.credits.currency() == currency)
        {
            Some(held) => held.add(sums)?,
            None => all.push(*sums),
        }
    }
    Ok(())
}

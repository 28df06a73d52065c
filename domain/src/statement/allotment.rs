//! What of an object's money each line about it settles.
//!
//! One object can have several lines: a payment captured in parts, or one that a provider moves twice by
//! mistake. What each line settles depends on the object and on all its lines, never on which of them came
//! first; what no object accounts for is held in suspense, so that the provider's account agrees with the
//! provider to the minor unit whatever is missing.

use crate::money::{Money, MoneyError};

/// What our records say of the object that lines are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// No event told of it.
    Nothing,
    /// It is known, and moved no money.
    Unmoved,
    /// It moves the provider's balance by so much: signed, in its own currency.
    Moves(Money),
}

/// What a line says that its object moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// In the currency that the account settles in.
    pub gross: Money,
    /// What the customer saw, where the report says it.
    pub customer_facing: Option<Money>,
}

/// What one line comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allotment {
    /// What of the object's money the line settles, in the object's currency.
    pub settles: Option<Money>,
    pub agreement: Agreement,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    Agrees,
    NothingKnown,
    Unmoved,
    AmountDiffers {
        expected: Money,
        found: Money,
    },
    CurrencyDiffers {
        expected: Money,
        found: Money,
    },
    /// Other lines settle the whole object already.
    Repeated,
}

impl Allotment {
    /// What of the line's gross amount no object accounts for.
    pub fn in_suspense(&self, gross: Money) -> Result<Money, MoneyError> {
        match self.settles {
            None => Ok(gross),
            Some(settled) if settled.currency() == gross.currency() => gross.checked_sub(settled),
            Some(_) => Ok(Money::zero(gross.currency())),
        }
    }

    /// What the object moved in its own currency, when the line settles it in another.
    #[must_use]
    pub fn converted(&self, gross: Money) -> Option<Money> {
        self.settles
            .filter(|settled| settled.currency() != gross.currency())
    }

    const fn of_nothing(agreement: Agreement) -> Self {
        Self {
            settles: None,
            agreement,
        }
    }

    const fn agrees(settles: Money) -> Self {
        Self {
            settles: Some(settles),
            agreement: Agreement::Agrees,
        }
    }
}

impl Claim {
    /// The line's amount in the object's currency, as far as the line says it.
    fn in_currency_of(&self, object: Money) -> Option<Money> {
        [Some(self.gross), self.customer_facing]
            .into_iter()
            .flatten()
            .find(|amount| amount.currency() == object.currency())
    }
}

/// One allotment for each of `claims`, which are all lines of one kind about one object, oldest first.
pub fn allot(known: Known, claims: &[Claim]) -> Result<Vec<Allotment>, MoneyError> {
    let object = match known {
        Known::Nothing => return Ok(alike(claims, Agreement::NothingKnown)),
        Known::Unmoved => return Ok(alike(claims, Agreement::Unmoved)),
        Known::Moves(object) => object,
    };
    let amounts: Option<Vec<Money>> = claims
        .iter()
        .map(|claim| claim.in_currency_of(object))
        .collect();
    match amounts {
        Some(amounts) => by_amount(object, &amounts),
        None => Ok(first_takes_all(claims, whole(object, claims.first()))),
    }
}

fn alike(claims: &[Claim], agreement: Agreement) -> Vec<Allotment> {
    claims
        .iter()
        .map(|_| Allotment::of_nothing(agreement))
        .collect()
}

/// A line that does not say what it is in the object's currency settles all of it.
fn whole(object: Money, claim: Option<&Claim>) -> Allotment {
    let agreement = match claim.and_then(|claim| claim.customer_facing) {
        // The customer saw a third currency.
        Some(found) if found.currency() != object.currency() => Agreement::CurrencyDiffers {
            expected: object,
            found,
        },
        Some(_) | None => Agreement::Agrees,
    };
    Allotment {
        settles: Some(object),
        agreement,
    }
}

fn first_takes_all(claims: &[Claim], first: Allotment) -> Vec<Allotment> {
    let others = claims
        .iter()
        .skip(1)
        .map(|_| Allotment::of_nothing(Agreement::Repeated));
    std::iter::once(first)
        .chain(others)
        .take(claims.len())
        .collect()
}

fn by_amount(object: Money, amounts: &[Money]) -> Result<Vec<Allotment>, MoneyError> {
    let mut allotments = Vec::with_capacity(amounts.len());
    let mut left = object;
    for (number, amount) in amounts.iter().enumerate() {
        let is_last = number.saturating_add(1) == amounts.len();
        let fits = left.checked_sub(*amount)?;
        let allotment = if left.is_zero() && !object.is_zero() {
            Allotment::of_nothing(Agreement::Repeated)
        } else if fits.is_zero() || (!is_last && same_way(fits, object)) {
            left = fits;
            Allotment::agrees(*amount)
        } else {
            // Too much, or the last of too little: it settles what is left, and differs by the rest.
            let expected = left;
            left = Money::zero(object.currency());
            Allotment {
                settles: Some(expected),
                agreement: Agreement::AmountDiffers {
                    expected,
                    found: *amount,
                },
            }
        };
        allotments.push(allotment);
    }
    Ok(allotments)
}

const fn same_way(left: Money, object: Money) -> bool {
    left.minor().signum() == object.minor().signum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use proptest::prelude::*;

    fn money(minor: i64, currency: &str) -> Money {
        Money::from_minor(minor, Currency::parse(currency).unwrap())
    }

    fn sek(minor: i64) -> Money {
        money(minor, "SEK")
    }

    fn claim(gross: i64) -> Claim {
        Claim {
            gross: sek(gross),
            customer_facing: None,
        }
    }

    fn agreements(known: Known, claims: &[Claim]) -> Vec<Agreement> {
        let allotments = allot(known, claims).unwrap();
        allotments.iter().map(|one| one.agreement).collect()
    }

    #[test]
    fn a_line_that_says_what_the_object_does_leaves_nothing() {
        let one = allot(Known::Moves(sek(12_500)), &[claim(12_500)]).unwrap();
        assert_eq!(one, [Allotment::agrees(sek(12_500))]);
        assert_eq!(one[0].in_suspense(sek(12_500)), Ok(sek(0)));
        assert_eq!(one[0].converted(sek(12_500)), None);
    }

    #[test]
    fn money_of_an_unknown_object_is_all_in_suspense() {
        for (known, agreement) in [
            (Known::Nothing, Agreement::NothingKnown),
            (Known::Unmoved, Agreement::Unmoved),
        ] {
            let one = allot(known, &[claim(-12_500)]).unwrap();
            assert_eq!(one[0].agreement, agreement);
            assert_eq!(one[0].in_suspense(sek(-12_500)), Ok(sek(-12_500)));
        }
    }

    #[test]
    fn parts_settle_the_whole_and_the_same_again_is_repeated() {
        let object = Known::Moves(sek(300));
        let parts = [claim(100), claim(120), claim(80)];
        assert_eq!(agreements(object, &parts), [Agreement::Agrees; 3]);
        let twice = [claim(300), claim(300)];
        assert_eq!(
            agreements(object, &twice),
            [Agreement::Agrees, Agreement::Repeated]
        );
    }

    #[test]
    fn too_little_and_too_much_differ_by_the_rest() {
        let object = Known::Moves(sek(300));
        let differs = |expected, found| Agreement::AmountDiffers {
            expected: sek(expected),
            found: sek(found),
        };
        assert_eq!(agreements(object, &[claim(299)]), [differs(300, 299)]);
        assert_eq!(agreements(object, &[claim(301)]), [differs(300, 301)]);
        assert_eq!(
            agreements(object, &[claim(100), claim(150)]),
            [Agreement::Agrees, differs(200, 150)]
        );
        let short = allot(object, &[claim(299)]).unwrap();
        assert_eq!(short[0].in_suspense(sek(299)), Ok(sek(-1)));
    }

    #[test]
    fn another_currency_is_compared_by_what_the_customer_saw() {
        let line = |facing: i64, currency| Claim {
            gross: sek(111_222),
            customer_facing: Some(money(facing, currency)),
        };
        let charge = Known::Moves(money(9_900, "EUR"));
        let told = allot(charge, &[line(9_900, "EUR")]).unwrap();
        assert_eq!(told[0].agreement, Agreement::Agrees);
        assert_eq!(told[0].converted(sek(111_222)), Some(money(9_900, "EUR")));
        assert_eq!(told[0].in_suspense(sek(111_222)), Ok(sek(0)));
        let differs = Agreement::AmountDiffers {
            expected: money(9_900, "EUR"),
            found: money(9_800, "EUR"),
        };
        assert_eq!(agreements(charge, &[line(9_800, "EUR")]), [differs]);
        assert_eq!(agreements(charge, &[claim(111_222)]), [Agreement::Agrees]);
        assert!(matches!(
            agreements(charge, &[line(9_900, "USD")])[..],
            [Agreement::CurrencyDiffers { .. }]
        ));
    }

    proptest! {
        /// Whatever lines say, what they settle is never more than the object, and what they settle and
        /// what is in suspense are together what they moved.
        #[test]
        fn every_minor_unit_is_settled_or_in_suspense(
            object in -1_000i64..1_000,
            gross in proptest::collection::vec(-1_000i64..1_000, 1..6),
        ) {
            let claims: Vec<Claim> = gross.iter().copied().map(claim).collect();
            let allotments = allot(Known::Moves(sek(object)), &claims).unwrap();
            prop_assert_eq!(allotments.len(), claims.len());
            let mut settled = 0;
            for (one, claim) in allotments.iter().zip(&claims) {
                let suspense = one.in_suspense(claim.gross).unwrap().minor();
                let settles = one.settles.map_or(0, |money| money.minor());
                prop_assert_eq!(settles + suspense, claim.gross.minor());
                settled += settles;
            }
            prop_assert_eq!(settled, object);
        }
    }
}

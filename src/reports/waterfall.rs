//! From what customers paid to what came to the bank, step by step.
//!
//! A step is what the journals of some events did to all our money at providers, on its way and in the
//! bank together. So the steps, less what is still at a provider or on its way, are what came to the bank:
//! to the minor unit, whatever was booked.

use super::picture::{Bar, Panel, Picture, Row, Scale, Tone, Weight};
use super::{Span, in_order, of_connection};
use crate::i18n::Speech;
use avstem_domain::ledger::account::Account;
use avstem_domain::ledger::journal::JournalEvent;
use avstem_domain::money::{Currency, Money, MoneyError};

/// What the journals of an event did to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub event: JournalEvent,
    pub account: Account,
    /// Debit positive.
    pub amount: Money,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waterfall {
    pub span: Span,
    pub connection: Option<String>,
    /// One for each currency that money moved in.
    pub falls: Vec<Fall>,
}

/// In one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fall {
    pub currency: Currency,
    /// What was taken from customers, and what became of it; steps that are zero are left out.
    pub earned: Vec<(Step, Money)>,
    /// The sum of `earned`.
    pub net: Money,
    /// What keeps `net` from being what came to the bank.
    pub withheld: Vec<(Step, Money)>,
    /// The sum of `net` and `withheld`: what the bank accounts changed by.
    pub bank: Money,
}

/// Why money came or went. Adding is positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Charges,
    Refunds,
    Disputes,
    ProviderFees,
    /// Held back by the provider, or released.
    Reserve,
    /// To and from other currencies.
    Conversion,
    /// What only one of provider and records knows.
    Suspense,
    /// More at the provider than before (less, when it adds).
    AtProvider,
    InTransit,
    /// What banks kept, and what was given up on.
    Shortfalls,
}

impl Step {
    pub const ALL: [Self; 10] = [
        Self::Charges,
        Self::Refunds,
        Self::Disputes,
        Self::ProviderFees,
        Self::Reserve,
        Self::Conversion,
        Self::Suspense,
        Self::AtProvider,
        Self::InTransit,
        Self::Shortfalls,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Charges => "charges",
            Self::Refunds => "refunds",
            Self::Disputes => "disputes",
            Self::ProviderFees => "provider_fees",
            Self::Reserve => "reserve",
            Self::Conversion => "conversion",
            Self::Suspense => "suspense",
            Self::AtProvider => "at_provider",
            Self::InTransit => "in_transit",
            Self::Shortfalls => "shortfalls",
        }
    }

    /// The step that an event belongs to. A payout only moves money from the provider to where it is on
    /// its way: of both together nothing, and of a step nothing either.
    const fn of(event: JournalEvent) -> Self {
        match event {
            // Recognition moves nothing on these accounts.
            JournalEvent::ChargeSucceeded
            | JournalEvent::ChargeReclassified
            | JournalEvent::RevenueRecognised
            | JournalEvent::RevenueGivenBack => Self::Charges,
            JournalEvent::RefundDecided
            | JournalEvent::RefundSucceeded
            | JournalEvent::RefundFailed
            | JournalEvent::RefundAbandoned => Self::Refunds,
            JournalEvent::DisputeWithdrawn
            | JournalEvent::DisputeReinstated
            | JournalEvent::DisputeLost
            | JournalEvent::DisputeLossReversed => Self::Disputes,
            JournalEvent::ProviderFee => Self::ProviderFees,
            JournalEvent::ReserveHeld | JournalEvent::ReserveReleased => Self::Reserve,
            JournalEvent::SettledInOtherCurrency | JournalEvent::BalanceConverted => {
                Self::Conversion
            }
            JournalEvent::SuspensePosted
            | JournalEvent::SuspenseCleared
            | JournalEvent::MissingAtProvider
            | JournalEvent::FoundAtProvider => Self::Suspense,
            JournalEvent::PayoutSent
            | JournalEvent::PayoutFailed
            | JournalEvent::BankLineMatched
            | JournalEvent::BankFeeTaken
            | JournalEvent::WrittenOff
            | JournalEvent::ResolutionReversed => Self::Shortfalls,
        }
    }

    /// Whether it comes after the subtotal.
    const fn is_after_net(self) -> bool {
        matches!(self, Self::AtProvider | Self::InTransit | Self::Shortfalls)
    }

    fn label(self, speech: Speech) -> String {
        match self {
            Self::Charges => speech.text("step-charges"),
            Self::Refunds => speech.text("step-refunds"),
            Self::Disputes => speech.text("step-disputes"),
            Self::ProviderFees => speech.text("step-provider-fees"),
            Self::Reserve => speech.text("step-reserve"),
            Self::Conversion => speech.text("step-conversion"),
            Self::Suspense => speech.text("step-suspense"),
            Self::AtProvider => speech.text("step-at-provider"),
            Self::InTransit => speech.text("step-in-transit"),
            Self::Shortfalls => speech.text("step-shortfalls"),
        }
    }
}

impl Waterfall {
    /// From everything that moved on accounts of providers, payouts in transit and banks.
    pub fn of(span: Span, connection: Option<String>, moved: &[Moved]) -> Result<Self, MoneyError> {
        let currencies = moved.iter().map(|one| one.amount.currency()).collect();
        let fall = |currency| Fall::of(currency, moved);
        let falls = in_order(currencies).into_iter().map(fall);
        Ok(Self {
            span,
            connection,
            falls: falls.collect::<Result<_, _>>()?,
        })
    }

    #[must_use]
    pub fn picture(&self, speech: Speech) -> Picture {
        Picture {
            name: "waterfall",
            language: speech.locale.as_str(),
            title: speech.text("report-waterfall"),
            scope: format!(
                "{}, {}",
                self.span.told(speech),
                of_connection(self.connection.as_deref(), speech)
            ),
            legend: vec![
                (Tone::Whole, speech.text("tone-sum")),
                (Tone::Gain, speech.text("tone-gain")),
                (Tone::Loss, speech.text("tone-loss")),
            ],
            panels: self.falls.iter().map(|fall| fall.panel(speech)).collect(),
            notes: Vec::new(),
            nothing: speech.text("report-nothing-moved"),
        }
    }
}

impl Fall {
    fn of(currency: Currency, moved: &[Moved]) -> Result<Self, MoneyError> {
        let none = Money::zero(currency);
        let mut sums = Step::ALL.map(|step| (step, none));
        let mut add = |step: Step, amount: Money| -> Result<(), MoneyError> {
            for (known, sum) in &mut sums {
                if *known == step {
                    *sum = sum.checked_add(amount)?;
                }
            }
            Ok(())
        };
        for one in moved.iter().filter(|one| one.amount.currency() == currency) {
            match one.account {
                Account::Provider(_) => add(Step::AtProvider, one.amount.checked_neg()?)?,
                Account::PayoutsInTransit(_) => add(Step::InTransit, one.amount.checked_neg()?)?,
                Account::Bank(_) => {}
                Account::ProviderReserve(_)
                | Account::Disputed(_)
                | Account::Suspense
                | Account::DeferredRevenue
                | Account::RefundsPayable
                | Account::Vat
                | Account::CustomerCredit
                | Account::IncomeSubscriptions
                | Account::IncomeOrders
                | Account::IncomeRefunds
                | Account::ProviderFees
                | Account::DisputeFees
                | Account::DisputeLosses
                | Account::BankFees
                | Account::WriteOffs
                | Account::Fx
                | Account::Conversion
                | Account::Opening => continue,
            }
            add(Step::of(one.event), one.amount)?;
        }
        let [mut net, mut bank] = [none, none];
        let (mut earned, mut withheld) = (Vec::new(), Vec::new());
        for (step, sum) in sums {
            bank = bank.checked_add(sum)?;
            if !step.is_after_net() {
                net = net.checked_add(sum)?;
            }
            match (sum.is_zero(), step.is_after_net()) {
                (true, _) => {}
                (false, true) => withheld.push((step, sum)),
                (false, false) => earned.push((step, sum)),
            }
        }
        Ok(Self {
            currency,
            earned,
            net,
            withheld,
            bank,
        })
    }

    fn panel(&self, speech: Speech) -> Panel {
        let mut rows = Vec::new();
        let mut running = 0i64;
        for (step, amount) in &self.earned {
            rows.push(fallen(*step, *amount, &mut running, speech));
        }
        rows.push(Row {
            leads_to: Some(self.net.minor()),
            ..total(speech.text("step-net"), self.net, speech)
        });
        running = self.net.minor();
        for (step, amount) in &self.withheld {
            rows.push(fallen(*step, *amount, &mut running, speech));
        }
        rows.push(total(speech.text("step-bank"), self.bank, speech));
        let ends = rows.iter().flat_map(|row| &row.bars);
        Panel {
            heading: self.currency.code().to_owned(),
            outcome: None,
            scale: Scale::over(ends.flat_map(|bar| [bar.from, bar.to])),
            rows,
        }
    }
}

/// A step that begins where the one before ended.
fn fallen(step: Step, amount: Money, running: &mut i64, speech: Speech) -> Row {
    let before = *running;
    *running = before.saturating_add(amount.minor());
    let tone = if amount.is_positive() {
        Tone::Gain
    } else {
        Tone::Loss
    };
    Row {
        label: step.label(speech),
        weight: Weight::Plain,
        bars: vec![Bar {
            from: before.min(*running),
            to: before.max(*running),
            tone,
        }],
        figure: speech.change(amount),
        detail: String::new(),
        leads_to: Some(*running),
    }
}

fn total(label: String, amount: Money, speech: Speech) -> Row {
    let row = Row::from_zero(label, amount.minor(), Tone::Whole, speech.figure(amount));
    Row {
        weight: Weight::Sum,
        ..row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn moved(event: JournalEvent, account: &str, minor: i64) -> Moved {
        Moved {
            event,
            account: Account::parse(account).unwrap(),
            amount: Money::from_minor(minor, Currency::parse("SEK").unwrap()),
        }
    }

    fn told(steps: &[(Step, Money)]) -> Vec<String> {
        let told = |(step, amount): &(Step, Money)| format!("{} {}", step.as_str(), amount.minor());
        steps.iter().map(told).collect()
    }

    #[test]
    fn a_payout_that_came_short_is_a_shortfall_and_what_is_left_stays() {
        let (provider, transit) = ("assets:provider:a", "assets:payouts_in_transit:a");
        let all = [
            moved(JournalEvent::ChargeSucceeded, provider, 1_000),
            moved(JournalEvent::ProviderFee, provider, -30),
            moved(JournalEvent::RefundSucceeded, provider, -200),
            moved(JournalEvent::PayoutSent, provider, -700),
            moved(JournalEvent::PayoutSent, transit, 700),
            moved(JournalEvent::BankLineMatched, transit, -500),
            moved(JournalEvent::BankLineMatched, "assets:bank:main", 475),
        ];
        let waterfall = Waterfall::of(Span::default(), None, &all).unwrap();
        let [fall] = waterfall.falls.as_slice() else {
            panic!("one currency");
        };
        assert_eq!(
            told(&fall.earned),
            ["charges 1000", "refunds -200", "provider_fees -30"]
        );
        assert_eq!(fall.net.minor(), 770);
        assert_eq!(
            told(&fall.withheld),
            ["at_provider -70", "in_transit -200", "shortfalls -25"]
        );
        assert_eq!(fall.bank.minor(), 475);
    }

    #[test]
    fn nothing_that_moved_is_no_fall() {
        let waterfall = Waterfall::of(Span::default(), None, &[]).unwrap();
        assert!(waterfall.falls.is_empty());
    }

    proptest! {
        /// Whatever was booked, the steps come to what the bank accounts changed by.
        #[test]
        fn the_steps_sum_to_the_bank(
            all in proptest::collection::vec((0usize..25, 0usize..4, -1_000_000i64..1_000_000), 0..60)
        ) {
            let accounts = [
                "assets:provider:a",
                "assets:payouts_in_transit:a",
                "assets:bank:main",
                "assets:provider:b",
            ];
            let all: Vec<Moved> = all
                .into_iter()
                .map(|(event, account, minor)| moved(JournalEvent::ALL[event], accounts[account], minor))
                .collect();
            let bank: i64 = all
                .iter()
                .filter(|one| matches!(one.account, Account::Bank(_)))
                .map(|one| one.amount.minor())
                .sum();
            for fall in Waterfall::of(Span::default(), None, &all).unwrap().falls {
                prop_assert_eq!(fall.bank.minor(), bank);
                let steps = fall.earned.iter().chain(&fall.withheld);
                prop_assert_eq!(steps.map(|(_, amount)| amount.minor()).sum::<i64>(), bank);
            }
        }
    }
}

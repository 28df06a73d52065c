//! What the refund policy decided, by verdict and clause, and what refunds were made.

use super::picture::{Panel, Picture, Row, Tone};
use super::{Span, named, of_connection};
use crate::i18n::Speech;
use avstem_domain::money::{Money, MoneyError};
use avstem_domain::refund_policy::{Clause, Code};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunds {
    pub span: Span,
    pub connection: Option<String>,
    /// By clause, code and currency.
    pub verdicts: Vec<VerdictGroup>,
    /// By who made them, whether they conform, how they stand, and currency.
    pub made: Vec<MadeGroup>,
}

/// Verdicts that came out the same, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictGroup {
    pub decision: Decided,
    pub clause: Clause,
    pub code: Code,
    pub verdicts: i64,
    pub charged: Money,
    /// What of it was to go back.
    pub granted: Money,
    /// What would have gone back if the customers had not kept the paid period.
    pub waived: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decided {
    Refund,
    PartialRefund,
    Reject,
}

/// Refunds that stand the same, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeGroup {
    pub maker: Maker,
    /// The API's word for how they stand.
    pub state: String,
    pub refunds: i64,
    pub amount: Money,
}

/// Who made a refund, and what the policy says of those that we did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Maker {
    Us,
    OthersByPolicy,
    OthersOutsidePolicy,
    OthersNotJudged,
}

impl Decided {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refund => "refund",
            Self::PartialRefund => "partial_refund",
            Self::Reject => "reject",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Refund, Self::PartialRefund, Self::Reject]
            .into_iter()
            .find(|decided| decided.as_str() == text)
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Refund => Tone::Whole,
            Self::PartialRefund => Tone::Gain,
            Self::Reject => Tone::Hollow,
        }
    }
}

impl Maker {
    fn label(self, speech: Speech) -> String {
        match self {
            Self::Us => speech.text("made-by-us"),
            Self::OthersByPolicy => speech.text("made-by-policy"),
            Self::OthersOutsidePolicy => speech.text("made-outside-policy"),
            Self::OthersNotJudged => speech.text("made-not-judged"),
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Us => Tone::Whole,
            Self::OthersByPolicy | Self::OthersNotJudged => Tone::Gain,
            Self::OthersOutsidePolicy => Tone::Loss,
        }
    }
}

impl Refunds {
    #[must_use]
    pub fn picture(&self, speech: Speech) -> Picture {
        let mut panels = Vec::new();
        // Amounts that do not fit into 64 bits are not drawn; the JSON has each currency on its own.
        let verdicts = self.verdict_rows(speech).unwrap_or_default();
        if !verdicts.is_empty() {
            let heading = speech.text("refunds-verdicts");
            panels.push(Panel::fitted(heading, None, verdicts));
        }
        let made = self.made_rows(speech).unwrap_or_default();
        if !made.is_empty() {
            panels.push(Panel::fitted(speech.text("refunds-made"), None, made));
        }
        Picture {
            name: "refunds",
            language: speech.locale.as_str(),
            title: speech.text("report-refunds"),
            scope: format!(
                "{}, {}",
                self.span.told(speech),
                of_connection(self.connection.as_deref(), speech)
            ),
            legend: vec![
                (Tone::Whole, speech.text("tone-refund")),
                (Tone::Gain, speech.text("tone-partial")),
                (Tone::Loss, speech.text("tone-outside")),
                (Tone::Hollow, speech.text("tone-reject")),
            ],
            panels,
            notes: Vec::new(),
            nothing: speech.text("report-no-refunds"),
        }
    }

    /// A row for each verdict and clause; amounts in several currencies share it.
    fn verdict_rows(&self, speech: Speech) -> Result<Vec<Row>, MoneyError> {
        let mut groups: BTreeMap<(Decided, Clause, Code), (i64, Sums)> = BTreeMap::new();
        for one in &self.verdicts {
            let key = (one.decision, one.clause, one.code);
            let (count, sums) = groups.entry(key).or_default();
            *count = count.saturating_add(one.verdicts);
            match one.decision {
                Decided::Refund | Decided::PartialRefund => sums.add(one.granted)?,
                Decided::Reject => sums.add(one.charged)?,
            }
        }
        let row = |((decision, clause, code), (count, sums)): (_, (i64, Sums))| {
            let (decision, clause): (Decided, Clause) = (decision, clause);
            let label = format!("{} · {}", clause.as_str(), code_label(code, speech));
            let amounts = sums.told(speech);
            let key = match decision {
                Decided::Refund | Decided::PartialRefund => "refunds-granted",
                Decided::Reject => "refunds-kept",
            };
            Row {
                detail: speech.with(key, &[("amounts", &amounts)]),
                ..Row::from_zero(label, count, decision.tone(), count.to_string())
            }
        };
        Ok(groups.into_iter().map(row).collect())
    }

    fn made_rows(&self, speech: Speech) -> Result<Vec<Row>, MoneyError> {
        let mut groups: BTreeMap<(Maker, &str), (i64, Sums)> = BTreeMap::new();
        for one in &self.made {
            let (count, sums) = groups.entry((one.maker, &one.state)).or_default();
            *count = count.saturating_add(one.refunds);
            sums.add(one.amount)?;
        }
        let row = |((maker, state), (count, sums)): ((Maker, &str), (i64, Sums))| {
            let label = format!("{} · {}", maker.label(speech), state_label(state, speech));
            Row {
                detail: sums.told(speech),
                ..Row::from_zero(label, count, maker.tone(), count.to_string())
            }
        };
        Ok(groups.into_iter().map(row).collect())
    }
}

/// Sums by currency, in its order.
#[derive(Default)]
struct Sums(Vec<Money>);

impl Sums {
    fn add(&mut self, amount: Money) -> Result<(), MoneyError> {
        let same = |sum: &&mut Money| sum.currency() == amount.currency();
        match self.0.iter_mut().find(same) {
            Some(sum) => *sum = sum.checked_add(amount)?,
            None => self.0.push(amount),
        }
        self.0.sort_by_key(Money::currency);
        Ok(())
    }

    fn told(&self, speech: Speech) -> String {
        let amounts: Vec<String> = self.0.iter().map(|sum| named(*sum, speech)).collect();
        amounts.join(" · ")
    }
}

fn code_label(code: Code, speech: Speech) -> String {
    match code {
        Code::NotPaid => speech.text("verdict-not-paid"),
        Code::Disputed => speech.text("verdict-disputed"),
        Code::AlreadyRefunded => speech.text("verdict-already-refunded"),
        Code::ChargedAfterRequest => speech.text("verdict-charged-after-request"),
        Code::NotRecurring => speech.text("verdict-not-recurring"),
        Code::EarlierPeriod => speech.text("verdict-earlier-period"),
        Code::OutsideWindow => speech.text("verdict-outside-window"),
        Code::PeriodDelivered => speech.text("verdict-period-delivered"),
        Code::LatestChargePartlyDelivered => speech.text("verdict-partly-delivered"),
        Code::LatestCharge => speech.text("verdict-latest-charge"),
    }
}

/// A state that is not known is shown as it is.
fn state_label(state: &str, speech: Speech) -> String {
    match state {
        "pending" => speech.text("made-pending"),
        "submitted" => speech.text("made-submitted"),
        "succeeded" => speech.text("made-succeeded"),
        "failed" => speech.text("made-failed"),
        "canceled" => speech.text("made-canceled"),
        "unknown" => speech.text("made-unknown"),
        other => other.to_owned(),
    }
}

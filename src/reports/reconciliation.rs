//! What the last reconciliation came to: provider, books and bank beside each other.

use super::of_connection;
use super::picture::{Outcome, Panel, Picture, Row, Scale, Standing, Tone};
use crate::i18n::Speech;
use avstem_domain::matching::outcome::Reason;
use avstem_domain::money::Money;
use chrono::NaiveDate;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub connection: Option<String>,
    /// `None` while nothing was reconciled.
    pub last: Option<Reconciled>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    pub id: String,
    pub through: NaiveDate,
    /// Breaks that were open then.
    pub breaks: i64,
    pub balances: Vec<Balance>,
    pub expected: Vec<ExpectedSum>,
}

/// One connection in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    pub connection: String,
    /// `None` where no report was handed in.
    pub provider: Option<Money>,
    pub ledger: Money,
    pub in_transit: Money,
    pub bank: Money,
    /// What the books have more than the reports, less what no report covers yet.
    pub difference: Option<Money>,
}

/// What time will settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedSum {
    pub reason: Reason,
    pub connection: String,
    pub amount: Money,
    pub count: u64,
    pub oldest_on: NaiveDate,
}

impl Summary {
    #[must_use]
    pub fn picture(&self, speech: Speech) -> Picture {
        let scope = match &self.last {
            Some(last) => speech.with("report-through", &[("day", &last.through.to_string())]),
            None => speech.text("report-never-reconciled"),
        };
        let last = self.last.as_ref();
        Picture {
            name: "reconciliation",
            language: speech.locale.as_str(),
            title: speech.text("report-reconciliation"),
            scope: format!(
                "{scope}, {}",
                of_connection(self.connection.as_deref(), speech)
            ),
            legend: Vec::new(),
            panels: last.map_or_else(Vec::new, |last| last.panels(speech)),
            notes: last.map_or_else(Vec::new, |last| last.notes(speech)),
            nothing: match last {
                Some(_) => speech.text("report-nothing-moved"),
                None => speech.text("report-not-yet"),
            },
        }
    }
}

impl Reconciled {
    /// Balances in one currency share a scale, so that they can be compared.
    fn panels(&self, speech: Speech) -> Vec<Panel> {
        let scale = |balance: &Balance| {
            let currency = balance.ledger.currency();
            let same = self.balances.iter();
            let same = same.filter(|other| other.ledger.currency() == currency);
            Scale::over(same.flat_map(Balance::amounts).map(|amount| amount.minor()))
        };
        let panel = |balance: &Balance| Panel {
            heading: format!("{} · {}", balance.connection, balance.ledger.currency()),
            outcome: Some(balance.outcome(speech)),
            scale: scale(balance),
            rows: balance.rows(speech),
        };
        self.balances.iter().map(panel).collect()
    }

    fn notes(&self, speech: Speech) -> Vec<String> {
        let open = self.breaks.to_string();
        let mut notes = vec![speech.with("report-open-breaks", &[("count", &open)])];
        notes.extend(self.expected.iter().map(|sum| {
            let amount = super::named(sum.amount, speech);
            let values = [
                ("connection", sum.connection.as_str()),
                ("amount", &amount),
                ("day", &sum.oldest_on.to_string()),
            ];
            match sum.reason {
                Reason::NotReported => speech.with("expected-not-reported", &values),
                Reason::NotSettled => speech.with("expected-not-settled", &values),
                Reason::NotInBank => speech.with("expected-not-in-bank", &values),
                Reason::NotPaidOut => speech.with("expected-not-paid-out", &values),
            }
        }));
        notes
    }
}

impl Balance {
    fn amounts(&self) -> impl Iterator<Item = Money> {
        let told = [Some(self.ledger), Some(self.in_transit), Some(self.bank)];
        self.provider.into_iter().chain(told.into_iter().flatten())
    }

    fn outcome(&self, speech: Speech) -> Outcome {
        let (standing, text) = match self.difference {
            None => (Standing::Neutral, speech.text("summary-no-report")),
            Some(none) if none.is_zero() => (Standing::Good, speech.text("summary-agrees")),
            Some(difference) => {
                let amount = speech.change(difference);
                let text = speech.with("summary-differs", &[("amount", &amount)]);
                (Standing::Bad, text)
            }
        };
        Outcome { standing, text }
    }

    fn rows(&self, speech: Speech) -> Vec<Row> {
        let row = |label: String, amount: Money, tone: Tone| {
            Row::from_zero(label, amount.minor(), tone, speech.figure(amount))
        };
        let provider = match self.provider {
            Some(amount) => row(speech.text("summary-provider"), amount, Tone::Whole),
            None => Row {
                bars: Vec::new(),
                ..Row::from_zero(
                    speech.text("summary-provider"),
                    0,
                    Tone::Whole,
                    "–".to_owned(),
                )
            },
        };
        vec![
            provider,
            row(speech.text("summary-ledger"), self.ledger, Tone::Whole),
            row(speech.text("step-in-transit"), self.in_transit, Tone::Loss),
            row(speech.text("step-bank"), self.bank, Tone::Gain),
        ]
    }
}

//! How the months stand: which is the last closed one, and what a reopening goes back to.

use super::super::{App, Failure};
use super::Closing;
use crate::store::ReadTx;
use crate::store::rows::{ClosingStatement, PeriodEvent};
use avstem_domain::revenue::Month;
use std::collections::BTreeMap;

/// What can happen to a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is locked, and revenue is being recognised.
    Closing,
    Closed,
    Reopened,
}

impl Kind {
    /// The word in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closing => "closing",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
        }
    }

    /// Reads that word; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Closing, Self::Closed, Self::Reopened]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// What happened to the months, in order. Months close one after another and open again in the opposite
/// order, so those that are closed now are a pile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Closed months by the number of the event that closed them, or began to; the last one on top.
    pile: Vec<Pile>,
    last_number: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pile {
    month: Month,
    locked_through: String,
    number: i64,
    kind: Kind,
}

impl Standing {
    pub fn of(tx: &mut ReadTx<'_>) -> Result<Self, Failure> {
        Self::after(&tx.period_events()?)
    }

    /// How the months stand after these events, oldest first.
    pub fn after(events: &[PeriodEvent]) -> Result<Self, Failure> {
        let mut pile: Vec<Pile> = Vec::new();
        for event in events {
            let (month, kind) = (month_of(event)?, kind_of(event)?);
            if kind == Kind::Reopened || kind == Kind::Closed {
                pile.pop();
            }
            if kind != Kind::Reopened {
                pile.push(Pile {
                    month,
                    locked_through: event.locked_through.clone().unwrap_or_default(),
                    number: event.number,
                    kind,
                });
            }
        }
        Ok(Self {
            pile,
            last_number: events.last().map_or(0, |event| event.number),
        })
    }

    /// The closing that has begun and not come to its end.
    #[must_use]
    pub fn closing(&self) -> Option<Closing> {
        let last = self.pile.last().filter(|last| last.kind == Kind::Closing);
        last.map(|last| Closing {
            month: last.month,
            number: last.number,
        })
    }

    /// The last month that is closed, or being closed.
    #[must_use]
    pub fn last_closed(&self) -> Option<Month> {
        self.pile.last().map(|last| last.month)
    }

    /// The number of the statement that a closed month stands by.
    #[must_use]
    pub fn closed_as(&self, month: Month) -> Option<i64> {
        let found = self.pile.iter().find(|one| one.month == month)?;
        (found.kind == Kind::Closed).then_some(found.number)
    }

    /// The last closed day.
    #[must_use]
    pub fn locked_through(&self) -> Option<&str> {
        self.pile.last().map(|last| last.locked_through.as_str())
    }

    /// The last closed day, once the last closed month is open again.
    #[must_use]
    pub fn locked_before(&self) -> Option<&str> {
        let before = self.pile.len().checked_sub(2)?;
        self.pile.get(before).map(|one| one.locked_through.as_str())
    }

    #[must_use]
    pub const fn next_number(&self) -> i64 {
        self.last_number.saturating_add(1)
    }
}

/// A month that something happened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodView {
    pub month: Month,
    /// The newest statement, which is the valid one while the month is closed.
    pub statement: Option<ClosingStatement>,
    /// Oldest first; never empty.
    pub events: Vec<PeriodEvent>,
}

impl PeriodView {
    /// `closing`, `closed`, or `open` again.
    #[must_use]
    pub fn state(&self) -> &'static str {
        let last = self.events.last().and_then(|last| Kind::parse(&last.kind));
        match last {
            Some(Kind::Closing) => "closing",
            Some(Kind::Closed) => "closed",
            Some(Kind::Reopened) | None => "open",
        }
    }
}

/// Every month that was ever closed, newest first.
pub fn periods(app: &App) -> Result<Vec<PeriodView>, Failure> {
    app.store.snapshot(|tx| {
        let mut periods = BTreeMap::<Month, PeriodView>::new();
        for event in tx.period_events()? {
            let month = month_of(&event)?;
            let view = periods.entry(month).or_insert_with(|| PeriodView {
                month,
                statement: None,
                events: Vec::new(),
            });
            view.events.push(event);
        }
        for statement in tx.closing_statements()? {
            let month = parse_month(&statement.month)?;
            if let Some(view) = periods.get_mut(&month) {
                view.statement = Some(statement);
            }
        }
        Ok(periods.into_values().rev().collect())
    })
}

pub fn kind_of(event: &PeriodEvent) -> Result<Kind, Failure> {
    Kind::parse(&event.kind)
        .ok_or_else(|| Failure::Unreadable(format!("a month that was {:?}", event.kind)))
}

pub fn month_of(event: &PeriodEvent) -> Result<Month, Failure> {
    parse_month(&event.month)
}

pub fn parse_month(text: &str) -> Result<Month, Failure> {
    Month::parse(text).map_err(|e| Failure::unreadable("a month", e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(number: i64, kind: Kind, month: &str) -> PeriodEvent {
        PeriodEvent {
            number,
            month: month.to_owned(),
            kind: kind.as_str().to_owned(),
            locked_through: Some(format!("{month}-28")),
            position: 0,
            reason: None,
            done_by: "test".to_owned(),
            done_at: 0,
        }
    }

    #[test]
    fn closed_months_are_a_pile() {
        let mut events = vec![
            event(1, Kind::Closing, "2026-01"),
            event(2, Kind::Closed, "2026-01"),
            event(3, Kind::Closing, "2026-02"),
        ];
        let month = |text| Month::parse(text).unwrap();
        let now = Standing::after(&events).unwrap();
        let closing = now.closing().unwrap();
        assert_eq!((closing.month, closing.number), (month("2026-02"), 3));
        assert_eq!(now.closed_as(month("2026-01")), Some(2));
        assert_eq!(now.closed_as(month("2026-02")), None);

        events.push(event(4, Kind::Closed, "2026-02"));
        let now = Standing::after(&events).unwrap();
        assert_eq!(now.closing(), None);
        assert_eq!(now.locked_through(), Some("2026-02-28"));
        assert_eq!(now.locked_before(), Some("2026-01-28"));

        events.push(event(5, Kind::Reopened, "2026-02"));
        let now = Standing::after(&events).unwrap();
        assert_eq!(now.last_closed(), Some(month("2026-01")));
        assert_eq!(now.locked_before(), None);
        assert_eq!(now.next_number(), 6);
    }
}

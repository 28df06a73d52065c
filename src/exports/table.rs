//! Columns and values, the same for every format.

use super::ExportError;
use super::kinds::Days;
use avstem_domain::money::{Currency, Money};
use avstem_domain::time::{BillingPeriod, Timestamp};

/// A column of an export. Its values are of its type, or null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub holds: Holds,
}

/// What a table is, for formats that say so inside.
#[derive(Debug, Clone, Copy)]
pub struct Heading<'a> {
    pub kind: &'static str,
    pub columns: &'static [Column],
    pub days: Days,
    /// Whose days they are.
    pub time_zone: &'a str,
}

impl Heading<'static> {
    /// Of a table without a name and without bounds.
    #[cfg(test)]
    pub(super) const fn of(columns: &'static [Column]) -> Self {
        Self {
            kind: "table",
            columns,
            days: Days {
                from: None,
                to: None,
            },
            time_zone: "UTC",
        }
    }
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    Text,
    /// An id of ours or a provider's.
    Id,
    /// A decimal with the digits of its row's currency.
    Amount,
    Integer,
    Flag,
    /// A calendar day, `2026-11-22`.
    Date,
    /// An instant in UTC, RFC 3339.
    Time,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    Text(String),
    Id(String),
    Amount(Money),
    Integer(i64),
    Flag(Flag),
    /// As the database holds it: `2026-11-22`.
    Date(String),
    Time(Timestamp),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    Yes,
    No,
}

impl From<bool> for Flag {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

impl Flag {
    /// As JSON writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "true",
            Self::No => "false",
        }
    }
}

macro_rules! columns {
    ($($name:ident : $holds:ident),+ $(,)?) => {
        &[$($crate::exports::table::Column {
            name: stringify!($name),
            holds: $crate::exports::table::Holds::$holds,
        }),+]
    };
}
pub(super) use columns;

/// Values of one row; errors name the row by its id.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a>(pub &'a str);

impl Cells<'_> {
    pub fn amount(self, minor: i64, currency: &str) -> Result<Value, ExportError> {
        let currency = Currency::parse(currency)
            .map_err(|error| ExportError::unreadable("the currency", self.0, error))?;
        Ok(Value::Amount(Money::from_minor(minor, currency)))
    }

    pub fn time(self, micros: i64) -> Result<Value, ExportError> {
        Timestamp::from_micros(micros)
            .map(Value::Time)
            .map_err(ExportError::time(self.0))
    }

    pub fn optional_time(self, micros: Option<i64>) -> Result<Value, ExportError> {
        micros.map_or(Ok(Value::Null), |micros| self.time(micros))
    }
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub(super) fn optional_text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}

pub(super) fn id(id: &str) -> Value {
    Value::Id(id.to_owned())
}

pub(super) fn optional_id(id: Option<&str>) -> Value {
    id.map_or(Value::Null, |id| Value::Id(id.to_owned()))
}

/// Start and end of a period, in two cells.
pub(super) fn period(period: Option<BillingPeriod>) -> [Value; 2] {
    period.map_or([Value::Null, Value::Null], |period| {
        [Value::Time(period.start()), Value::Time(period.end())]
    })
}

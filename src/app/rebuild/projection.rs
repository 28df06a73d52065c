//! A kind of rows that facts make, and how one of them is written down for comparing.

use super::super::Failure;
use super::finding::Value;
use crate::store::ReadTx;
use crate::store::rows::Projected;
use std::collections::BTreeMap;

pub(super) trait Projection {
    type Row;
    /// How its keys are found.
    const BY: Projected;
    const TABLE: &'static str;
    /// What a row's reference to another of our rows is a reference to.
    const PARENT: Parent;

    fn rows(
        tx: &mut ReadTx<'_>,
        connection: &str,
        keys: &[String],
    ) -> Result<Vec<Self::Row>, Failure>;
    /// Our id of the row that this one belongs to.
    fn parent(row: &Self::Row) -> Option<String>;
    fn line(row: &Self::Row, names: &Names) -> Line;
}

/// What is compared of a row.
pub(super) struct Line {
    pub key: String,
    pub cells: Vec<(&'static str, Cell)>,
}

pub(super) enum Cell {
    Plain(Option<String>),
    /// Compared like any other, and not shown.
    Personal(Option<String>),
    /// Whatever the other side says.
    NotCompared,
}

impl Cell {
    pub(super) fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::NotCompared, _) | (_, Self::NotCompared) => true,
            (Self::Plain(a) | Self::Personal(a), Self::Plain(b) | Self::Personal(b)) => a == b,
        }
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Self::Plain(None) | Self::Personal(None) | Self::NotCompared => Value::Nothing,
            Self::Plain(Some(text)) => Value::Text(text.clone()),
            Self::Personal(Some(_)) => Value::Personal,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parent {
    None,
    Customer,
    Charge,
    Dispute,
}

/// The provider's ids by ours: ours were given at random, and differ.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    pub(super) fn of(tx: &mut ReadTx<'_>, parent: Parent, ids: &[String]) -> Result<Self, Failure> {
        let mut names = BTreeMap::new();
        match parent {
            Parent::None => {}
            Parent::Customer => {
                let rows = tx.customers_by_ids(ids)?.into_iter();
                names.extend(rows.map(|row| (row.id, row.provider_id)));
            }
            Parent::Charge => {
                let rows = tx.charges_by_ids(ids)?.into_iter();
                names.extend(rows.map(|row| (row.id, row.provider_id)));
            }
            Parent::Dispute => {
                let rows = tx.disputes_by_ids(ids)?.into_iter();
                names.extend(rows.map(|row| (row.id, row.provider_id)));
            }
        }
        Ok(Self(names))
    }

    /// The provider's id; a row that does not exist goes by ours.
    pub(super) fn name(&self, id: Option<String>) -> Cell {
        Cell::Plain(id.map(|id| self.0.get(&id).cloned().unwrap_or(id)))
    }
}

/// A column's value as text, `None` for NULL.
pub(super) trait Written {
    fn written(&self) -> Option<String>;
}

impl Written for String {
    fn written(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl Written for i64 {
    fn written(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Written for bool {
    fn written(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl<T: Written> Written for Option<T> {
    fn written(&self) -> Option<String> {
        self.as_ref().and_then(Written::written)
    }
}

/// Says of every column of a row whether it is compared. A column that is not named does not compile.
macro_rules! projection {
    (
        $(#[$doc:meta])*
        $name:ident of $row:ident in $table:literal, by $by:ident, read by $rows:expr;
        key { $($key:ident),+ }
        compared { $($column:ident),* $(,)? }
        $(personal { $($personal:ident),* })?
        $(through { $parent:ident: $kind:ident })?
        left out { $($left:ident: $why:literal,)* }
    ) => {
        $(#[$doc])*
        pub(super) struct $name;

        impl $name {
            pub(super) const COLUMNS: &'static [(&'static str, Column)] = &[
                $((stringify!($key), Column::Key),)+
                $((stringify!($column), Column::Compared),)*
                $($((stringify!($personal), Column::Compared),)*)?
                $((stringify!($parent), Column::Compared),)?
                $((stringify!($left), Column::LeftOut($why)),)*
            ];
        }

        impl Projection for $name {
            type Row = $row;
            const BY: Projected = Projected::$by;
            const TABLE: &'static str = $table;
            const PARENT: Parent = projection!(@kind $($kind)?);

            fn rows(
                tx: &mut ReadTx<'_>,
                connection: &str,
                keys: &[String],
            ) -> Result<Vec<$row>, Failure> {
                let read: fn(&mut ReadTx<'_>, &str, &[String]) -> Result<Vec<$row>, Failure> = $rows;
                read(tx, connection, keys)
            }

            fn parent(_row: &$row) -> Option<String> {
                projection!(@parent _row $($parent)?)
            }

            fn line(row: &$row, _names: &Names) -> Line {
                let $row {
                    $($key,)+
                    $($column,)*
                    $($($personal,)*)?
                    $($parent,)?
                    $($left: _,)*
                } = row;
                let key: Vec<String> = [$($key.written()),+].into_iter().flatten().collect();
                Line {
                    key: key.join(" "),
                    cells: vec![
                        $((stringify!($column), Cell::Plain($column.written())),)*
                        $($((stringify!($personal), Cell::Personal($personal.written())),)*)?
                        $((stringify!($parent), _names.name($parent.written())),)?
                    ],
                }
            }
        }
    };
    (@kind) => { Parent::None };
    (@kind $kind:ident) => { Parent::$kind };
    (@parent $row:ident) => { None };
    (@parent $row:ident $parent:ident) => { $row.$parent.written() };
}

pub(super) use projection;

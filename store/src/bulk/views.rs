//! Rows of the ledger whose texts lie somewhere else.

use super::copied::{Fields, Malformed};
use crate::rows::{EffectOf, Journal, Posting, Seal};

/// A row that can be looked at, whether it was loaded or copied.
pub trait Viewed: 'static {
    type View<'v>;
    const TABLE: &'static str;
    /// In the order in which they are read.
    const COLUMNS: &'static [&'static str];

    fn view(&self) -> Self::View<'_>;

    /// The row that comes next in a copy.
    fn read<'v>(fields: &mut Fields<'v>) -> Result<Self::View<'v>, Malformed>;
}

/// A view of a row, column by column.
macro_rules! views {
    ($($view:ident of $row:ident in $table:ident { $($column:ident: $kind:ident),* $(,)? })*) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $view<'v> {
            $(pub $column: views!(@type 'v $kind),)*
        }

        impl Viewed for $row {
            type View<'v> = $view<'v>;
            const TABLE: &'static str = stringify!($table);
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),*];

            fn view(&self) -> $view<'_> {
                $view { $($column: views!(@of $kind self.$column)),* }
            }

            fn read<'v>(fields: &mut Fields<'v>) -> Result<$view<'v>, Malformed> {
                Ok($view { $($column: fields.$kind()?),* })
            }
        }
    )*};
    (@type $life:lifetime text) => { &$life str };
    (@type $life:lifetime integer) => { i64 };
    (@of text $value:expr) => { $value.as_str() };
    (@of integer $value:expr) => { $value };
}

views! {
    JournalView of Journal in journals {
        position: integer,
        id: text,
        connection: text,
        event: text,
        reference: text,
        description: text,
        booked_on: text,
        occurred_at: integer,
        recorded_at: integer,
    }
    PostingView of Posting in postings {
        journal_id: text,
        line: integer,
        account: text,
        amount: integer,
        currency: text,
    }
    EffectView of EffectOf in effects {
        journal_id: text,
        connection: text,
        object: text,
        effect: text,
    }
    SealView of Seal in seals {
        seq: integer,
        position: integer,
        journal_id: text,
        hash: text,
    }
}

impl SealView<'_> {
    #[must_use]
    pub fn stored(&self) -> Seal {
        Seal {
            seq: self.seq,
            position: self.position,
            journal_id: self.journal_id.to_owned(),
            hash: self.hash.to_owned(),
        }
    }
}

//! What a line is, as one number: a column for each would take longer to read than the rest of the line.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::BigInt;
use diesel::sqlite::{Sqlite, SqliteValue};

/// A bit for each thing that comparing asks of a line.
#[derive(Clone, Copy, PartialEq, Eq, FromSqlRow)]
pub struct LineFlags(i64);

const MOVEMENT: i64 = 1;
const CHARGE: i64 = 2;
const CLEAR: i64 = 4;
const DUE: i64 = 8;
const NEW: i64 = 16;
const OPEN: i64 = 32;
const MATCHED: i64 = 64;

impl LineFlags {
    /// The number in SQL, before and after the last day that is due.
    #[must_use]
    pub fn sql() -> (String, String) {
        let before = format!(
            "CAST(CASE role WHEN 'movement' THEN {MOVEMENT} ELSE 0 END \
             + CASE kind WHEN 'charge' THEN {CHARGE} ELSE 0 END \
             + CASE suspense WHEN 0 THEN {CLEAR} ELSE 0 END \
             + CASE standing WHEN 'new' THEN {NEW} WHEN 'open' THEN {OPEN} WHEN 'matched' THEN {MATCHED} ELSE 0 END \
             + CASE WHEN day > "
        );
        (before, format!(" THEN 0 ELSE {DUE} END AS BIGINT)"))
    }

    const fn has(self, bit: i64) -> bool {
        self.0 & bit != 0
    }

    #[must_use]
    pub const fn is_movement(self) -> bool {
        self.has(MOVEMENT)
    }

    /// Of the kind of a charge.
    #[must_use]
    pub const fn is_charge(self) -> bool {
        self.has(CHARGE)
    }

    /// Nothing of it is in suspense.
    #[must_use]
    pub const fn is_clear(self) -> bool {
        self.has(CLEAR)
    }

    /// Its day is one of those that are asked for.
    #[must_use]
    pub const fn is_due(self) -> bool {
        self.has(DUE)
    }

    /// Its stored standing is `new`; one of a run of matches is so too.
    #[must_use]
    pub const fn is_new(self) -> bool {
        self.has(NEW)
    }

    /// Its stored standing is `open`: a break is about it, or time will settle it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        self.has(OPEN)
    }

    /// Its stored standing is `matched`.
    #[must_use]
    pub const fn is_matched(self) -> bool {
        self.has(MATCHED)
    }
}

impl FromSql<BigInt, Sqlite> for LineFlags {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        FromSql::<BigInt, Sqlite>::from_sql(value).map(Self)
    }
}

impl FromSql<BigInt, Pg> for LineFlags {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<BigInt, Pg>::from_sql(value).map(Self)
    }
}

impl std::fmt::Debug for LineFlags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LineFlags({:#b})", self.0)
    }
}

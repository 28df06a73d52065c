//! A currency's code that is read by the million.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteValue};

/// Three letters, as the database checks; a text of its own for each row costs more than the rest of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromSqlRow)]
pub struct Code([u8; 3]);

impl Code {
    #[must_use]
    pub fn as_str(&self) -> &str {
        // They come from a text, so that they are one.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn read(text: &str) -> deserialize::Result<Self> {
        let code = text.as_bytes().try_into();
        code.map(Self)
            .map_err(|_| format!("{text:?} is no currency's code").into())
    }
}

impl FromSql<Text, Sqlite> for Code {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Self::read(value.read_text())
    }
}

impl FromSql<Text, Pg> for Code {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Self::read(std::str::from_utf8(value.as_bytes())?)
    }
}

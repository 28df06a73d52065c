//! Journals by what they are about.

use super::{C, Db};
use crate::rows::Journal;
use crate::schema::journals;
use diesel::prelude::*;

/// Newest first, of any of `references`; days are text and inclusive, `before` is a position.
pub fn journals_about(
    c: &mut C,
    references: &[String],
    from: Option<&str>,
    to: Option<&str>,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<Journal>> {
    let mut query = journals::table
        .into_boxed::<Db>()
        .filter(journals::reference.eq_any(references));
    if let Some(from) = from {
        query = query.filter(journals::booked_on.ge(from));
    }
    if let Some(to) = to {
        query = query.filter(journals::booked_on.le(to));
    }
    if let Some(before) = before {
        query = query.filter(journals::position.lt(before));
    }
    let query = query
        .order(journals::position.desc())
        .limit(limit)
        .select(Journal::as_select());
    query.load(c)
}

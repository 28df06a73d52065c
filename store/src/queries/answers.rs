//! What providers' APIs answered.

use super::C;
use crate::rows::StoredAnswer;
use crate::schema::answers;
use diesel::prelude::*;

pub fn add_answer(c: &mut C, row: &StoredAnswer) -> QueryResult<()> {
    diesel::insert_into(answers::table)
        .values(row)
        .execute(c)
        .map(|_| ())
}

/// Those after an id, oldest first.
pub fn answers_after(c: &mut C, after: &str, limit: i64) -> QueryResult<Vec<StoredAnswer>> {
    answers::table
        .filter(answers::id.gt(after))
        .order(answers::id)
        .limit(limit)
        .select(StoredAnswer::as_select())
        .load(c)
}

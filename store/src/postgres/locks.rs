//! Advisory locks. Their numbers are arbitrary and fixed; one more, of those who write journals (7163853), is taken by a
//! trigger (migration 25). They are taken in this order: the lanes', the writers', the journals'.

use super::C;
use crate::{Lanes, Turn};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

/// One replica migrates while the others wait.
pub const MIGRATION: &str = "SELECT pg_advisory_lock(7163852)";
pub const MIGRATION_END: &str = "SELECT pg_advisory_unlock(7163852)";

/// What whoever writes state takes for its transaction, so that there is one writer at a time over all replicas, as on
/// SQLite; or, in lanes, those who hold it together.
pub const fn of_writer(turn: Turn) -> &'static str {
    match turn {
        Turn::Alone => "SELECT pg_advisory_xact_lock(7163851)",
        Turn::Lanes(_) => "SELECT pg_advisory_xact_lock_shared(7163851)",
    }
}

#[derive(QueryableByName)]
struct Entered {
    #[diesel(sql_type = Bool)]
    entered: bool,
}

/// Takes lanes until the transaction ends: the first that nobody has, and those beside it that nobody has.
pub fn enter(c: &mut C, wanted: Lanes) -> QueryResult<Option<Lanes>> {
    let mut entered: Option<Lanes> = None;
    for lane in wanted.each() {
        let is_free = take(c, lane)?;
        match &mut entered {
            Some(entered) if is_free => entered.last = lane,
            Some(_) => break,
            None => entered = is_free.then(|| Lanes::one(lane)),
        }
    }
    Ok(entered)
}

/// Takes a lane, unless another has it.
fn take(c: &mut C, lane: i64) -> QueryResult<bool> {
    let lock = "SELECT pg_try_advisory_xact_lock(7163854, $1::int) AS entered";
    let lock = diesel::sql_query(lock).bind::<BigInt, _>(lane);
    Ok(prepared!(lock).get_result::<Entered>(c)?.entered)
}

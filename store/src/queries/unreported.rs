//! What our records have and no report tells of: charges, refunds and movements of disputes, in the order
//! of the provider's ids.

use super::C;
use crate::rows::{CHUNK, Charge, Dispute, DisputeMovement, Refund, Unreported};
use crate::schema::{charges, dispute_movements, disputes, provider_lines, refunds};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

/// Charges of which no line tells.
macro_rules! charges_unreported {
    ($asked:expr) => {{
        let asked = $asked;
        let told = provider_lines::table
            .filter(provider_lines::connection.eq(asked.connection))
            .filter(provider_lines::source.eq(charges::provider_id.nullable()))
            .filter(provider_lines::role.eq("movement"))
            .filter(provider_lines::kind.eq("charge"))
            .filter(provider_lines::posted)
            .filter(provider_lines::day.le(asked.through));
        charges::table
            .filter(charges::connection.eq(asked.connection))
            .filter(charges::booked_as.is_not_null())
            .filter(charges::created_at.ge(asked.from))
            .filter(charges::created_at.lt(asked.to))
            .filter(not(exists(told)))
            .order(charges::provider_id)
            .select(Charge::as_select())
    }};
}

pub fn charges_unreported(c: &mut C, asked: Unreported<'_>) -> QueryResult<Vec<Charge>> {
    charges_unreported!(asked)
        .filter(charges::provider_id.gt(asked.after))
        .limit(asked.limit)
        .load(c)
}

/// Those of some charges, of any number.
pub fn charges_unreported_of(
    c: &mut C,
    asked: Unreported<'_>,
    ids: &[String],
) -> QueryResult<Vec<Charge>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let unreported = charges_unreported!(asked).filter(charges::provider_id.eq_any(chunk));
        found.extend(unreported.load::<Charge>(c)?);
    }
    Ok(found)
}

pub fn refunds_unreported(c: &mut C, asked: Unreported<'_>) -> QueryResult<Vec<Refund>> {
    let told = provider_lines::table
        .filter(provider_lines::connection.eq(asked.connection))
        .filter(provider_lines::source.eq(refunds::provider_id))
        .filter(provider_lines::role.eq("movement"))
        .filter(provider_lines::kind.eq("refund"))
        .filter(provider_lines::posted)
        .filter(provider_lines::day.le(asked.through));
    refunds::table
        .filter(refunds::connection.eq(asked.connection))
        .filter(refunds::state.eq_any(["submitted", "succeeded"]))
        .filter(refunds::created_at.ge(asked.from))
        .filter(refunds::created_at.lt(asked.to))
        .filter(refunds::provider_id.gt(asked.after))
        .filter(not(exists(told)))
        .order(refunds::provider_id)
        .limit(asked.limit)
        .select(Refund::as_select())
        .load(c)
}

pub fn movements_unreported(
    c: &mut C,
    asked: Unreported<'_>,
) -> QueryResult<Vec<(DisputeMovement, Dispute)>> {
    let told = provider_lines::table
        .filter(provider_lines::connection.eq(asked.connection))
        .filter(provider_lines::id.eq(dispute_movements::provider_id))
        .filter(provider_lines::posted)
        .filter(provider_lines::day.le(asked.through));
    dispute_movements::table
        .inner_join(disputes::table.on(disputes::id.eq(dispute_movements::dispute_id)))
        .filter(dispute_movements::connection.eq(asked.connection))
        .filter(dispute_movements::moved_at.ge(asked.from))
        .filter(dispute_movements::moved_at.lt(asked.to))
        .filter(dispute_movements::provider_id.gt(asked.after))
        .filter(not(exists(told)))
        .order(dispute_movements::provider_id)
        .limit(asked.limit)
        .select((DisputeMovement::as_select(), Dispute::as_select()))
        .load(c)
}

/// Movements that disputes told of, by the ids of their lines.
pub fn movements_by_ids(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<(DisputeMovement, Dispute)>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let rows = dispute_movements::table
            .inner_join(disputes::table.on(disputes::id.eq(dispute_movements::dispute_id)))
            .filter(dispute_movements::connection.eq(connection))
            .filter(dispute_movements::provider_id.eq_any(chunk))
            .select((DisputeMovement::as_select(), Dispute::as_select()));
        found.extend(rows.load::<(DisputeMovement, Dispute)>(c)?);
    }
    Ok(found)
}

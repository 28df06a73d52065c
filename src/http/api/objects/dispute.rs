//! Disputes.

use super::{Money, optional_time, time};
use crate::app::disputes::DisputeView;
use crate::http::problem::Problem;
use crate::store::rows;
use serde::Serialize;

#[derive(Serialize)]
pub struct Dispute {
    id: String,
    provider_id: String,
    connection: String,
    charge: String,
    charge_provider_id: Option<String>,
    amount: Money,
    /// As the provider names it.
    status: String,
    reason: Option<String>,
    /// What the provider says of refunding the charge while this dispute stands.
    charge_refundable: bool,
    /// Until when evidence is taken.
    evidence_due_at: Option<String>,
    /// What is lost for good, as booked.
    lost: Money,
    movements: Vec<Movement>,
    created_at: String,
}

/// What moved on the balance at the provider.
#[derive(Serialize)]
struct Movement {
    provider_id: String,
    /// `withdrawn` or `reinstated`.
    direction: String,
    amount: Money,
    /// Below zero when the provider gave a fee back.
    fee: Money,
    at: String,
}

pub fn dispute(view: DisputeView) -> Result<Dispute, Problem> {
    let row = view.row;
    let currency = row.currency.clone();
    let movement = |line: rows::DisputeMovement| {
        Ok(Movement {
            amount: Money::from_minor(line.amount, &currency)?,
            fee: Money::from_minor(line.fee, &line.fee_currency)?,
            at: time(line.moved_at)?,
            provider_id: line.provider_id,
            direction: line.direction,
        })
    };
    Ok(Dispute {
        amount: Money::from_minor(row.amount, &row.currency)?,
        lost: Money::from_minor(row.lost, &row.currency)?,
        movements: view
            .movements
            .into_iter()
            .map(movement)
            .collect::<Result<_, Problem>>()?,
        evidence_due_at: optional_time(row.evidence_due_at)?,
        created_at: time(row.created_at)?,
        id: row.id,
        provider_id: row.provider_id,
        connection: row.connection,
        charge: row.charge_id,
        charge_provider_id: view.charge_provider_id,
        status: row.status,
        reason: row.reason,
        charge_refundable: row.refundable,
    })
}

//! Disputes.

use super::{Money, optional_time, time};
use crate::app::disputes::DisputeView;
use crate::http::problem::Problem;
use crate::http::schema::{self, words};
use crate::store::rows;
use schemars::JsonSchema;
use serde::Serialize;

/// A customer asked their bank for the money of a charge.
#[derive(Serialize, JsonSchema)]
pub struct Dispute {
    #[schemars(with = "schema::DisputeId")]
    id: String,
    #[schemars(example = &"du_1")]
    provider_id: String,
    #[schemars(example = &"stripe")]
    connection: String,
    #[schemars(with = "schema::ChargeId")]
    charge: String,
    #[schemars(example = &"ch_1")]
    charge_provider_id: Option<String>,
    /// What is disputed: the charge or a part of it.
    amount: Money,
    #[schemars(with = "words::DisputeStatus")]
    status: String,
    /// The provider's word.
    #[schemars(example = &"fraudulent")]
    reason: Option<String>,
    /// What the provider says of refunding the charge while this dispute stands.
    charge_refundable: bool,
    /// Until when evidence is taken.
    #[schemars(with = "Option<schema::Time>")]
    evidence_due_at: Option<String>,
    /// What is lost for good, as booked.
    lost: Money,
    movements: Vec<Movement>,
    #[schemars(with = "schema::Time")]
    created_at: String,
}

/// What moved on the balance at the provider.
#[derive(Serialize, JsonSchema)]
struct Movement {
    #[schemars(example = &"txn_1")]
    provider_id: String,
    #[schemars(with = "words::MovementDirection")]
    direction: String,
    amount: Money,
    /// Below zero when the provider gave a fee back.
    fee: Money,
    #[schemars(with = "schema::Time")]
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

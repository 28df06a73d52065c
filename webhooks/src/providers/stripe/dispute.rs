//! Disputes. The same in both shapes; older versions know fewer statuses.
//!
//! The money comes from the dispute's balance transactions, not from the type of the event: a dispute
//! has none while it is an inquiry, one when money is withdrawn, and another when it is reinstated.

use super::fields::Object;
use crate::Unreadable;
use avstem_domain::dispute::{
    Direction, DisputeFact, DisputeMovement, DisputeStatus, Refundability,
};
use avstem_domain::id::{
    ProviderChargeId, ProviderDisputeId, ProviderMovementId, ProviderPaymentId,
};
use avstem_domain::money::Money;

pub(super) fn fact(dispute: &Object<'_>) -> Result<DisputeFact, Unreadable> {
    let amount = dispute.gross("amount", dispute.currency()?)?;
    let evidence = dispute.opt_object("evidence_details")?;
    Ok(DisputeFact {
        id: dispute.id("id", ProviderDisputeId::parse)?,
        charge: dispute.opt_id("charge", ProviderChargeId::parse)?,
        payment: dispute.opt_id("payment_intent", ProviderPaymentId::parse)?,
        amount,
        status: status(dispute)?,
        reason: dispute.opt_text("reason")?.map(str::to_owned),
        refundability: refundability(dispute)?,
        movements: dispute
            .objects("balance_transactions")?
            .iter()
            .filter_map(|line| movement(line, amount).transpose())
            .collect::<Result<_, _>>()?,
        evidence_due_at: match evidence {
            Some(details) => details.opt_time("due_by")?,
            None => None,
        },
        created: dispute.time("created")?,
    })
}

fn status(dispute: &Object<'_>) -> Result<DisputeStatus, Unreadable> {
    match dispute.text("status")? {
        // Before 2023 a dispute that a refund had settled said so; the customer was paid back.
        "charge_refunded" => Ok(DisputeStatus::Prevented),
        text => DisputeStatus::parse(text)
            .ok_or_else(|| dispute.wrong("status", "is a dispute status we do not know")),
    }
}

/// Without the provider's word no refund: it could be paid twice.
fn refundability(dispute: &Object<'_>) -> Result<Refundability, Unreadable> {
    Ok(match dispute.opt_bool("is_charge_refundable")? {
        Some(true) => Refundability::Refundable,
        Some(false) | None => Refundability::NotRefundable,
    })
}

/// One line of our balance; `None` for a line that moves nothing but a fee of zero.
///
/// The line is in the currency that the account settles in. Where that is not the dispute's, the amount
/// is the dispute's own: what the conversion cost is told by the provider's reports.
fn movement(line: &Object<'_>, disputed: Money) -> Result<Option<DisputeMovement>, Unreadable> {
    let settled = line.currency()?;
    let gross = line.amount("amount", settled)?;
    let fee = line
        .opt_amount("fee", settled)?
        .unwrap_or_else(|| Money::zero(settled));
    let direction = match gross.minor() {
        0 if fee.is_zero() => return Ok(None),
        0 => return Err(line.wrong("amount", "is zero, with a fee")),
        ..0 => Direction::Withdrawn,
        1.. => Direction::Reinstated,
    };
    let amount = if settled == disputed.currency() {
        Money::from_minor(gross.minor().saturating_abs(), settled)
    } else {
        disputed
    };
    let fee_fits = match direction {
        Direction::Withdrawn => fee.minor() >= 0,
        Direction::Reinstated => true,
    };
    if !fee_fits {
        return Err(line.wrong("fee", "is negative on a withdrawal"));
    }
    Ok(Some(DisputeMovement {
        id: line.id("id", ProviderMovementId::parse)?,
        direction,
        amount,
        fee,
        at: line.time("created")?,
    }))
}

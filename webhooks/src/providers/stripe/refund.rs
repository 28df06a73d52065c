//! Refunds. The same in both shapes.

use super::REFUND_METADATA;
use super::fields::Object;
use crate::Unreadable;
use avstem_domain::event::{ProviderRefundStatus, RefundFact};
use avstem_domain::id::{ProviderChargeId, ProviderPaymentId, ProviderRefundId, RefundId};

pub(super) fn fact(refund: &Object<'_>) -> Result<RefundFact, Unreadable> {
    Ok(RefundFact {
        id: refund.id("id", ProviderRefundId::parse)?,
        charge: refund.opt_id("charge", ProviderChargeId::parse)?,
        payment: refund.opt_id("payment_intent", ProviderPaymentId::parse)?,
        amount: refund.gross("amount", refund.currency()?)?,
        status: status(refund)?,
        failure_reason: refund.opt_text("failure_reason")?.map(str::to_owned),
        ours: ours(refund)?,
        created: refund.time("created")?,
    })
}

fn status(refund: &Object<'_>) -> Result<ProviderRefundStatus, Unreadable> {
    match refund.text("status")? {
        "pending" => Ok(ProviderRefundStatus::Pending),
        "requires_action" => Ok(ProviderRefundStatus::RequiresAction),
        "succeeded" => Ok(ProviderRefundStatus::Succeeded),
        "failed" => Ok(ProviderRefundStatus::Failed),
        "canceled" => Ok(ProviderRefundStatus::Canceled),
        _ => Err(refund.wrong("status", "is a refund status we do not know")),
    }
}

/// Metadata is anyone's to write: what is not an id of ours is not ours.
fn ours(refund: &Object<'_>) -> Result<Option<RefundId>, Unreadable> {
    let Some(metadata) = refund.opt_object("metadata")? else {
        return Ok(None);
    };
    Ok(metadata
        .opt_text(REFUND_METADATA)?
        .and_then(|text| RefundId::parse(text).ok()))
}

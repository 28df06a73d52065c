//! Refunds. The same in both shapes.

use super::REFUND_METADATA;
use super::fields::Object;
use crate::Unreadable;
use avstem_domain::event::{ProviderRefundStatus, RefundFact};
use avstem_domain::id::{ProviderChargeId, ProviderPaymentId, ProviderRefundId, RefundId};

pub(super) fn fact(refund: &Object<'_>) -> Result<RefundFact, Unreadable> {
    let status = status(refund)?;
    Ok(RefundFact {
        id: refund.id("id", ProviderRefundId::parse)?,
        charge: refund.opt_id("charge", ProviderChargeId::parse)?,
        payment: refund.opt_id("payment_intent", ProviderPaymentId::parse)?,
        amount: refund.gross("amount", refund.currency()?)?,
        status,
        failure_reason: refund.opt_text("failure_reason")?.map(str::to_owned),
        pending_reason: pending_reason(refund, status)?,
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

/// Stripe names a reason from 2025-04-30 on, and only while the refund is `pending`. What it waits for
/// in `requires_action` is the status itself.
fn pending_reason(
    refund: &Object<'_>,
    status: ProviderRefundStatus,
) -> Result<Option<String>, Unreadable> {
    Ok(match status {
        ProviderRefundStatus::Pending => refund.opt_text("pending_reason")?.map(str::to_owned),
        ProviderRefundStatus::RequiresAction => Some("requires_action".to_owned()),
        ProviderRefundStatus::Succeeded
        | ProviderRefundStatus::Failed
        | ProviderRefundStatus::Canceled => None,
    })
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

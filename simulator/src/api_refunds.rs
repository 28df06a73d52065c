//! Making refunds and calling them off.

use crate::Simulator;
use crate::answer::ApiError;
use crate::api::Found;
use crate::objects_money::RefundStatus;
use crate::params::Params;
use crate::refunds::{RefundAsked, RefundRefused};

const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

impl Simulator {
    /// `POST /v1/refunds`.
    pub(crate) fn create_refund(&mut self, params: &Params) -> Result<Found, ApiError> {
        params.only(&["charge", "payment_intent", "amount", "reason", "metadata["])?;
        let reason = params.get("reason");
        if let Some(other) = reason.filter(|reason| !REASONS.contains(reason)) {
            let message = format!("Invalid reason: {other}");
            return Err(ApiError::parameter("parameter_invalid", "reason", message));
        }
        let asked = RefundAsked {
            charge: self.charge_to_refund(params)?,
            amount_minor: params.integer("amount")?,
            reason: reason.map(str::to_owned),
            metadata: params.metadata()?,
        };
        let charge = asked.charge.clone();
        self.refund(asked)
            .map(Found::One)
            .map_err(|refused| explain(&refused, &charge))
    }

    /// `POST /v1/refunds/{id}/cancel`: only while the customer is waited for.
    pub(crate) fn call_off_refund(&mut self, id: &str, params: &Params) -> Result<Found, ApiError> {
        params.only(&[])?;
        let refund = self.refunds.get(id);
        let refund = refund.ok_or_else(|| ApiError::missing("refund", id))?;
        if refund.status != RefundStatus::RequiresAction {
            let status = refund.status.as_str();
            return Err(ApiError::refused(format!(
                "Only refunds that require action can be canceled; this one is {status}."
            )));
        }
        self.cancel_refund(id);
        Ok(Found::One(id.to_owned()))
    }

    fn charge_to_refund(&self, params: &Params) -> Result<String, ApiError> {
        match (params.get("charge"), params.get("payment_intent")) {
            (Some(charge), None) => Ok(charge.to_owned()),
            (None, Some(intent)) => {
                let found = self.payment_intents.get(intent);
                let found = found.ok_or_else(|| ApiError::missing("payment_intent", intent))?;
                found.latest_charge.clone().ok_or_else(|| {
                    ApiError::refused(format!("PaymentIntent {intent} has no successful charge."))
                })
            }
            (Some(_), Some(_)) | (None, None) => {
                let message = "Name the charge or the payment intent to refund, one of them.";
                Err(ApiError::parameter("parameter_missing", "charge", message))
            }
        }
    }
}

fn explain(refused: &RefundRefused, charge: &str) -> ApiError {
    match refused {
        RefundRefused::NoSuchCharge => ApiError {
            param: Some("charge".to_owned()),
            ..ApiError::missing("charge", charge)
        },
        RefundRefused::NotSucceeded => ApiError::refused(format!(
            "Charge {charge} did not succeed and cannot be refunded."
        ))
        .with_code("charge_not_refundable"),
        RefundRefused::Disputed => ApiError::refused(format!(
            "Charge {charge} has been charged back; cannot issue a refund."
        ))
        .with_code("charge_disputed"),
        RefundRefused::AlreadyRefunded => {
            ApiError::refused(format!("Charge {charge} has already been refunded."))
                .with_code("charge_already_refunded")
        }
        RefundRefused::NotPositive => ApiError::parameter(
            "parameter_invalid_integer",
            "amount",
            "Invalid positive integer",
        ),
        RefundRefused::TooLarge { asked, left } => ApiError {
            param: Some("amount".to_owned()),
            ..ApiError::refused(format!(
                "Refund amount ({asked}) is greater than unrefunded amount on charge ({left})"
            ))
        },
    }
}

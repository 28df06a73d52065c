//! Updating and cancelling subscriptions.

use crate::Simulator;
use crate::answer::ApiError;
use crate::api::Found;
use crate::endings::AskedEnd;
use crate::params::Params;

const FEEDBACK: [&str; 8] = [
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
];

impl Simulator {
    /// `POST /v1/subscriptions/{id}`.
    pub(crate) fn update_subscription(
        &mut self,
        id: &str,
        params: &Params,
    ) -> Result<Found, ApiError> {
        params.only(&[
            "cancel_at",
            "cancel_at_period_end",
            "cancellation_details[",
            "metadata[",
            "proration_behavior",
        ])?;
        let subscription = self.subscriptions.get(id);
        let subscription = subscription.ok_or_else(|| ApiError::missing("subscription", id))?;
        let over = subscription.status.is_over();
        let end = self.asked_end(params)?;
        let (comment, feedback) = cancellation_details(params)?;
        let metadata = params.metadata()?;
        if over {
            return Err(ApiError::refused(
                "A canceled subscription can no longer be updated.",
            ));
        }
        self.set_end(id, end, |subscription| {
            subscription.metadata.extend(metadata);
            let details = &mut subscription.cancellation;
            details.comment = comment.or(details.comment.take());
            details.feedback = feedback.or(details.feedback.take());
        });
        Ok(Found::One(id.to_owned()))
    }

    fn asked_end(&self, params: &Params) -> Result<AskedEnd, ApiError> {
        let at_period_end = params.boolean("cancel_at_period_end")?;
        match (at_period_end, params.get("cancel_at")) {
            (None, None) => Ok(AskedEnd::Unchanged),
            (Some(true), None) => Ok(AskedEnd::PeriodEnd),
            (Some(false), None) | (None | Some(false), Some("")) => Ok(AskedEnd::Never),
            (None | Some(false), Some(_)) => {
                let at = params.time("cancel_at")?.unwrap_or(self.now);
                if at <= self.now {
                    let message = "cancel_at must be in the future.";
                    return Err(ApiError::parameter(
                        "parameter_invalid",
                        "cancel_at",
                        message,
                    ));
                }
                Ok(AskedEnd::Instant(at))
            }
            (Some(true), Some(_)) => {
                let message = "Only one of cancel_at and cancel_at_period_end can be set.";
                Err(ApiError::parameter(
                    "parameter_invalid",
                    "cancel_at",
                    message,
                ))
            }
        }
    }

    /// `DELETE /v1/subscriptions/{id}`: ends it now. A second time it is not there any more.
    pub(crate) fn cancel_subscription(
        &mut self,
        id: &str,
        params: &Params,
    ) -> Result<Found, ApiError> {
        params.only(&["cancellation_details[", "invoice_now", "prorate"])?;
        params.boolean("invoice_now")?;
        params.boolean("prorate")?;
        let (comment, feedback) = cancellation_details(params)?;
        let subscription = self.subscriptions.get_mut(id);
        let subscription = subscription.filter(|found| !found.status.is_over());
        let subscription = subscription.ok_or_else(|| ApiError::missing("subscription", id))?;
        subscription.cancellation.comment = comment;
        subscription.cancellation.feedback = feedback;
        // A period end that was waited for is now the end.
        subscription.cancel_at_period_end = false;
        subscription.cancel_at = None;
        self.end_subscription(id, "cancellation_requested");
        Ok(Found::One(id.to_owned()))
    }
}

/// Comment and feedback.
type Details = (Option<String>, Option<String>);

fn cancellation_details(params: &Params) -> Result<Details, ApiError> {
    let feedback = params.get("cancellation_details[feedback]");
    if let Some(other) = feedback.filter(|feedback| !FEEDBACK.contains(feedback)) {
        let name = "cancellation_details[feedback]";
        let message = format!("Invalid feedback: {other}");
        return Err(ApiError::parameter("parameter_invalid", name, message));
    }
    let comment = params.get("cancellation_details[comment]");
    Ok((comment.map(str::to_owned), feedback.map(str::to_owned)))
}

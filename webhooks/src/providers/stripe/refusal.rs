//! Stripe's refusals: `{"error":{"type":…,"code":…,"message":…}}` with a status from 400 to 429.
//! Only what Stripe itself refused is certainly not done; a page from something in between is not.

use super::fields::Object;
use crate::Unreadable;
use crate::json::Json;
use crate::outbound::{Ask, HttpReply, Outcome, Refusal, Uncertainty};
use avstem_domain::time::Timestamp;

/// How much of Stripe's message is kept, in characters.
const MESSAGE_CHARS_MAX: usize = 200;

pub(super) fn read(ask: &Ask, reply: &HttpReply) -> Outcome {
    let status = reply.status;
    // Whoever limits the rate does so before the work, so the body need not be Stripe's.
    if status == 429 {
        return rate_limited(reply);
    }
    let Some(error) = error(&reply.body) else {
        return Outcome::Unknown(Uncertainty::Unexpected { status });
    };
    match (status, error.kind.as_str(), error.code.as_deref()) {
        (409, _, Some("idempotency_key_in_use")) => Outcome::Unknown(Uncertainty::KeyInUse),
        // Another request holds the object (or `lock_timeout`): nothing was done, later it can be.
        (409, ..) | (_, _, Some("rate_limit" | "lock_timeout")) => rate_limited(reply),
        (_, "api_error", _) => Outcome::Unknown(Uncertainty::Unexpected { status }),
        (401 | 403, ..) => Outcome::Refused(Refusal::WrongKey {
            message: error.message,
        }),
        (404, ..) => Outcome::Refused(not_found(ask, error.code.as_deref())),
        _ => Outcome::Refused(invalid(ask, error)),
    }
}

fn rate_limited(reply: &HttpReply) -> Outcome {
    Outcome::Refused(Refusal::RateLimited {
        retry_after_s: retry_after_s(reply),
    })
}

/// Seconds, or a time, which is counted from the reply's own. What is neither says nothing.
fn retry_after_s(reply: &HttpReply) -> Option<u64> {
    let header = |wanted: &str| {
        let mut headers = reply.headers.iter();
        headers.find(|(name, _)| name == wanted)
    };
    let asked = header("retry-after")?.1.trim();
    if !asked.is_empty() && asked.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(asked.parse().unwrap_or(u64::MAX));
    }
    let until = Timestamp::parse_http_date(asked)?;
    let now = Timestamp::parse_http_date(&header("date")?.1)?;
    let seconds = until.unix_seconds().saturating_sub(now.unix_seconds());
    Some(u64::try_from(seconds).unwrap_or(0))
}

/// Stripe answers a second cancellation as if the subscription had never been.
fn not_found(ask: &Ask, code: Option<&str>) -> Refusal {
    if matches!(ask, Ask::CancelNow(_)) && code == Some("resource_missing") {
        Refusal::AlreadyCanceled
    } else {
        Refusal::NotFound
    }
}

fn invalid(ask: &Ask, error: ApiError) -> Refusal {
    let ApiError {
        kind,
        code,
        message,
    } = error;
    if kind == "idempotency_error" {
        return Refusal::KeyReused;
    }
    match code.as_deref() {
        Some("charge_already_refunded") => Refusal::AlreadyRefunded,
        Some("charge_disputed" | "refund_disputed_payment") => Refusal::Disputed,
        Some("amount_too_large" | "invalid_charge_amount") => Refusal::AmountTooLarge,
        Some("charge_not_refundable") => Refusal::NotRefundable { message },
        Some("balance_insufficient" | "insufficient_funds") => Refusal::InsufficientBalance,
        Some("resource_missing") => Refusal::NotFound,
        Some(
            "invoice_not_editable"
            | "invoice_already_finalized"
            | "invoice_already_paid"
            | "status_transition_invalid",
        ) => Refusal::InvoiceMovedOn { message },
        Some(_) => Refusal::Invalid { code, message },
        None => without_code(ask, message),
    }
}

/// Some refusals have no code; then only the sentence tells.
fn without_code(ask: &Ask, message: String) -> Refusal {
    let says = |words: &str| message.to_ascii_lowercase().contains(words);
    match ask {
        Ask::CreateRefund(_) if says("greater than unrefunded amount") => Refusal::AmountTooLarge,
        Ask::CreateRefund(_) if says("already been refunded") => Refusal::AlreadyRefunded,
        Ask::CancelNow(_)
        | Ask::CancelAtPeriodEnd(_)
        | Ask::CancelAt(..)
        | Ask::RenewAgain(_)
        | Ask::UnsetCancelAt(_)
            if says("canceled subscription") =>
        {
            Refusal::AlreadyCanceled
        }
        // Such as "You can only pass in open invoices. This invoice isn't open."
        Ask::HoldDraft(_) | Ask::FinalizeWithoutCollection(_) | Ask::VoidInvoice(_)
            if says("invoice") =>
        {
            Refusal::InvoiceMovedOn { message }
        }
        Ask::CreateRefund(_)
        | Ask::CancelNow(_)
        | Ask::CancelAtPeriodEnd(_)
        | Ask::CancelAt(..)
        | Ask::RenewAgain(_)
        | Ask::UnsetCancelAt(_)
        | Ask::HoldDraft(_)
        | Ask::FinalizeWithoutCollection(_)
        | Ask::VoidInvoice(_)
        | Ask::FetchSubscription(_)
        | Ask::ListInvoices { .. }
        | Ask::FetchInvoice(_)
        | Ask::ListInvoicePayments { .. }
        | Ask::FindInvoiceOfPayment(_)
        | Ask::ListCharges { .. }
        | Ask::FetchCharge(_)
        | Ask::ListRefunds { .. }
        | Ask::ListDisputes { .. }
        | Ask::FetchRefund(_)
        | Ask::FetchDispute(_)
        | Ask::FetchPayout(_)
        | Ask::ListAll { .. }
        | Ask::ListEvents { .. }
        | Ask::ListPayoutMembers { .. } => Refusal::Invalid {
            code: None,
            message,
        },
    }
}

struct ApiError {
    kind: String,
    code: Option<String>,
    message: String,
}

/// `None` when the body is not an error in Stripe's form.
fn error(body: &[u8]) -> Option<ApiError> {
    let json = Json::parse(body).ok()?;
    fields(&json).ok()
}

fn fields(json: &Json<'_>) -> Result<ApiError, Unreadable> {
    let error = Object::root(json)?.object("error")?;
    let message = error.opt_text("message")?.unwrap_or_default();
    Ok(ApiError {
        kind: bounded(error.text("type")?),
        code: error.opt_text("code")?.map(bounded),
        message: bounded(message),
    })
}

fn bounded(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(MESSAGE_CHARS_MAX)
        .collect()
}

//! Every code a problem can have. docs/api.md lists them; a test compares the two.

use actix_web::http::StatusCode;
use avstem_domain::refund_policy;

/// A stable name for what went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    InvalidParameter,
    InvalidCursor,
    InvalidBody,
    InvalidRequest,
    InvalidIdempotencyKey,
    InvalidSignature,
    Unauthorized,
    Forbidden,
    NotFound,
    UnknownConnection,
    MethodNotAllowed,
    RequestTimeout,
    IdempotencyKeyInUse,
    LatestChargeChanged,
    TooLate,
    ExportIncomplete,
    PayloadTooLarge,
    UnsupportedMediaType,
    UnsupportedContentEncoding,
    IdempotencyKeyReused,
    ChargeOfAnotherSubscription,
    SharedInvoice,
    UnreadableFile,
    FileOfAnother,
    ResolutionDoesNotFit,
    BreakResolved,
    BreakOpen,
    SecondPersonNeeded,
    InternalError,
    Overloaded,
    CommitUncertain,
    DatabaseUnavailable,
    NotReady,
    ProviderNotConfigured,
    ProviderUnavailable,
    /// The policy refuses the refund; the code is the verdict's.
    Rejected(refund_policy::Code),
}

impl Code {
    /// The verdicts that grant nothing.
    pub const REFUSALS: [refund_policy::Code; 7] = [
        refund_policy::Code::NotPaid,
        refund_policy::Code::Disputed,
        refund_policy::Code::AlreadyRefunded,
        refund_policy::Code::NotRecurring,
        refund_policy::Code::EarlierPeriod,
        refund_policy::Code::OutsideWindow,
        refund_policy::Code::PeriodDelivered,
    ];

    /// Every code but the verdicts'.
    pub const PLAIN: [Self; 35] = [
        Self::InvalidParameter,
        Self::InvalidCursor,
        Self::InvalidBody,
        Self::InvalidRequest,
        Self::InvalidIdempotencyKey,
        Self::InvalidSignature,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::UnknownConnection,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::IdempotencyKeyInUse,
        Self::LatestChargeChanged,
        Self::TooLate,
        Self::ExportIncomplete,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::UnsupportedContentEncoding,
        Self::IdempotencyKeyReused,
        Self::ChargeOfAnotherSubscription,
        Self::SharedInvoice,
        Self::UnreadableFile,
        Self::FileOfAnother,
        Self::ResolutionDoesNotFit,
        Self::BreakResolved,
        Self::BreakOpen,
        Self::SecondPersonNeeded,
        Self::InternalError,
        Self::Overloaded,
        Self::CommitUncertain,
        Self::DatabaseUnavailable,
        Self::NotReady,
        Self::ProviderNotConfigured,
        Self::ProviderUnavailable,
    ];

    /// Every code that a problem can have. A verdict that grants money is never a problem.
    pub fn all() -> impl Iterator<Item = Self> {
        let refusals = Self::REFUSALS.into_iter().map(Self::Rejected);
        Self::PLAIN.into_iter().chain(refusals)
    }

    /// The `code` of a response.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidParameter => "invalid_parameter",
            Self::InvalidCursor => "invalid_cursor",
            Self::InvalidBody => "invalid_body",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidIdempotencyKey => "invalid_idempotency_key",
            Self::InvalidSignature => "invalid_signature",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::UnknownConnection => "unknown_connection",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::RequestTimeout => "request_timeout",
            Self::IdempotencyKeyInUse => "idempotency_key_in_use",
            Self::LatestChargeChanged => "latest_charge_changed",
            Self::TooLate => "too_late",
            Self::ExportIncomplete => "export_incomplete",
            Self::PayloadTooLarge => "payload_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::UnsupportedContentEncoding => "unsupported_content_encoding",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::ChargeOfAnotherSubscription => "charge_of_another_subscription",
            Self::SharedInvoice => "shared_invoice",
            Self::UnreadableFile => "unreadable_file",
            Self::FileOfAnother => "file_of_another",
            Self::ResolutionDoesNotFit => "resolution_does_not_fit",
            Self::BreakResolved => "break_resolved",
            Self::BreakOpen => "break_open",
            Self::SecondPersonNeeded => "second_person_needed",
            Self::InternalError => "internal_error",
            Self::Overloaded => "overloaded",
            Self::CommitUncertain => "commit_uncertain",
            Self::DatabaseUnavailable => "database_unavailable",
            Self::NotReady => "not_ready",
            Self::ProviderNotConfigured => "provider_not_configured",
            Self::ProviderUnavailable => "provider_unavailable",
            Self::Rejected(code) => code.as_str(),
        }
    }

    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidParameter
            | Self::InvalidCursor
            | Self::InvalidBody
            | Self::InvalidRequest
            | Self::InvalidIdempotencyKey
            | Self::InvalidSignature => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound | Self::UnknownConnection => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::IdempotencyKeyInUse
            | Self::LatestChargeChanged
            | Self::TooLate
            | Self::BreakResolved
            | Self::BreakOpen
            | Self::SecondPersonNeeded
            | Self::ExportIncomplete => StatusCode::CONFLICT,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType | Self::UnsupportedContentEncoding => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            Self::IdempotencyKeyReused
            | Self::ChargeOfAnotherSubscription
            | Self::SharedInvoice
            | Self::UnreadableFile
            | Self::FileOfAnother
            | Self::ResolutionDoesNotFit
            | Self::Rejected(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Overloaded
            | Self::CommitUncertain
            | Self::DatabaseUnavailable
            | Self::NotReady
            | Self::ProviderNotConfigured
            | Self::ProviderUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The same words for every problem of this code.
    pub const fn title(self) -> &'static str {
        match self {
            Self::InvalidParameter => "A parameter cannot have this value",
            Self::InvalidCursor => "The cursor is not one of this list",
            Self::InvalidBody => "The body cannot be read",
            Self::InvalidRequest => "The request cannot be read",
            Self::InvalidIdempotencyKey => "The Idempotency-Key cannot be used",
            Self::InvalidSignature => "The signature does not hold",
            Self::Unauthorized => "No API key that works was sent",
            Self::Forbidden => "The API key's role does not allow this",
            Self::NotFound => "Nothing is here",
            Self::UnknownConnection => "There is no such connection",
            Self::MethodNotAllowed => "This path does not take the method",
            Self::RequestTimeout => "The request did not arrive in time",
            Self::IdempotencyKeyInUse => "A request with this Idempotency-Key is being worked on",
            Self::LatestChargeChanged => "The latest charge is another one by now",
            Self::TooLate => "It cannot be taken back any more",
            Self::ExportIncomplete => "The export would not be complete",
            Self::PayloadTooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The body is not JSON",
            Self::UnsupportedContentEncoding => "The body is encoded",
            Self::IdempotencyKeyReused => "The Idempotency-Key was used for another request",
            Self::ChargeOfAnotherSubscription => "The charge pays for another subscription",
            Self::SharedInvoice => "The charge's invoice bills several subscriptions",
            Self::UnreadableFile => "The file cannot be read",
            Self::FileOfAnother => "The file is of another account",
            Self::ResolutionDoesNotFit => "The break cannot be resolved so",
            Self::BreakResolved => "The break is resolved",
            Self::BreakOpen => "The break is open",
            Self::SecondPersonNeeded => "A second person must resolve it",
            Self::InternalError => "Something broke",
            Self::Overloaded => "Too much is waiting",
            Self::CommitUncertain => "It is not certain that this was stored",
            Self::DatabaseUnavailable => "The database cannot be reached",
            Self::NotReady => "The service is not ready",
            Self::ProviderNotConfigured => "The provider's API is not configured",
            Self::ProviderUnavailable => "The provider does not answer",
            Self::Rejected(_) => "The refund policy does not grant this",
        }
    }

    /// What the framework means by a status of its own.
    pub fn of_status(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::NOT_FOUND => Some(Self::NotFound),
            StatusCode::METHOD_NOT_ALLOWED => Some(Self::MethodNotAllowed),
            StatusCode::REQUEST_TIMEOUT => Some(Self::RequestTimeout),
            StatusCode::PAYLOAD_TOO_LARGE => Some(Self::PayloadTooLarge),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(Self::UnsupportedMediaType),
            status if status.is_client_error() => Some(Self::InvalidRequest),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_to_users_with_its_status() {
        let docs = include_str!("../../../docs/api.md");
        let verdicts = refund_policy::Code::ALL.map(Code::Rejected);
        for code in Code::PLAIN.into_iter().chain(verdicts) {
            // A verdict that grants money is never a problem.
            let granted = matches!(
                code,
                Code::Rejected(
                    refund_policy::Code::ChargedAfterRequest
                        | refund_policy::Code::LatestCharge
                        | refund_policy::Code::LatestChargePartlyDelivered
                )
            );
            let line = format!("| `{}` | {} |", code.as_str(), code.status().as_u16());
            assert_eq!(docs.contains(&line), !granted, "{line}");
            assert_eq!(Code::all().any(|known| known == code), !granted, "{line}");
        }
    }

    #[test]
    fn codes_are_unique() {
        let mut names = Code::PLAIN.map(Code::as_str).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::PLAIN.len());
    }
}

//! From the errors of everything that can be asked to problems, each pair named.

use super::{Code, Problem, Rejection};
use crate::app::Failure;
use crate::app::breaks;
use crate::app::cancellation::{PreviewError, RequestError, UndoError};
use crate::app::deliveries::ReportError;
use crate::app::ledger_views::JournalsError;
use crate::app::portal::PortalError;
use crate::app::receive_webhook::Refused;
use crate::app::reconcile::ReconcileError;
use crate::app::replay_events::ReplayError;
use crate::app::request_refund::RefundError;
use crate::app::statements::ImportError;
use crate::exports::ExportError;
use crate::store::StoreError;
use avstem_domain::refund_policy::Verdict;

/// How long a client should wait before it tries again, in seconds.
const RETRY_AFTER_S: u32 = 5;

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Store(error) => error.into(),
            Failure::NoKey(connection) => Self::provider_not_configured(&connection),
            Failure::UnknownConnection(connection) => Self::new(
                Code::ProviderNotConfigured,
                format!(
                    "Connection {connection} is not in the settings any more: put it back to go on."
                ),
            ),
            failure @ (Failure::Unreadable(_)
            | Failure::Money(_)
            | Failure::Posting(_)
            | Failure::Stopped(_)
            | Failure::OtherLanes
            | Failure::Randomness(_)) => Self::internal(failure),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            error @ StoreError::Connect(_) => Self::new(
                Code::DatabaseUnavailable,
                "The database cannot be reached at the moment: try again.",
            )
            .retry_after(RETRY_AFTER_S)
            .caused_by(error),
            error @ (StoreError::Statement(_)
            | StoreError::Copy(_)
            | StoreError::Packing(_)
            | StoreError::Unsafe(_)
            | StoreError::MigrationsPending(_)
            | StoreError::Migration(_)
            | StoreError::UnknownUrl(_)) => Self::internal(error),
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::UnknownConnection(name) => Self::unknown_connection(&name),
            Refused::InvalidSignature(error) => Self::new(
                Code::InvalidSignature,
                format!("Nothing was stored: {error}."),
            ),
        }
    }
}

impl From<PreviewError> for Problem {
    fn from(error: PreviewError) -> Self {
        match error {
            PreviewError::NotFound => Self::new(Code::NotFound, "There is no such subscription."),
            PreviewError::Failure(failure) => failure.into(),
        }
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::NotFound => Self::new(Code::NotFound, "There is no such subscription."),
            RequestError::ProviderNotConfigured { connection } => {
                Self::provider_not_configured(&connection)
            }
            RequestError::LatestChargeChanged { latest } => {
                let latest = latest.unwrap_or_else(|| "none".to_owned());
                Self::new(
                    Code::LatestChargeChanged,
                    format!(
                        "The latest charge is {latest}. Nothing was done: look at the preview again and repeat with that."
                    ),
                )
            }
            RequestError::RequestedInFuture => Self::invalid_parameter(
                "requested_at",
                "it lies in the future; leave it out for now",
            ),
            RequestError::ProviderUnavailable { why } => Self::provider_unavailable(why),
            RequestError::Failure(failure) => failure.into(),
        }
    }
}

impl From<UndoError> for Problem {
    fn from(error: UndoError) -> Self {
        match error {
            UndoError::NotFound => Self::new(Code::NotFound, "There is no such cancellation."),
            UndoError::TooLate(_) => Self::new(Code::TooLate, format!("{error}.")),
            UndoError::ProviderNotConfigured { connection } => {
                Self::provider_not_configured(&connection)
            }
            UndoError::Failure(failure) => failure.into(),
        }
    }
}

impl From<RefundError> for Problem {
    fn from(error: RefundError) -> Self {
        match error {
            RefundError::ChargeNotFound => {
                Self::new(Code::NotFound, "charge: there is no such charge.")
            }
            RefundError::Rejected(verdict) => Self::rejected(*verdict),
            RefundError::SharedInvoice(_) => Self::new(
                Code::SharedInvoice,
                "The charge's invoice bills several subscriptions: how much of it is this one's is for a person to say. Refund by hand at the provider.",
            ),
            RefundError::ProviderNotConfigured { connection } => {
                Self::provider_not_configured(&connection)
            }
            RefundError::ProviderUnavailable { why } => Self::provider_unavailable(why),
            RefundError::Failure(failure) => failure.into(),
        }
    }
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::UnknownKind { .. }
            | ExportError::UnknownFormat { .. }
            | ExportError::JournalOnly { .. } => Self::new(Code::NotFound, format!("{error}.")),
            ExportError::DaysReversed { .. } => {
                Self::new(Code::InvalidParameter, format!("{error}."))
            }
            ExportError::Missing(_) | ExportError::Setting { .. } => {
                Self::new(Code::ExportIncomplete, format!("{error}."))
            }
            ExportError::Busy => Self::overloaded(&format!("{error}.")),
            ExportError::Store(error) => error.into(),
            error @ (ExportError::Unreadable { .. }
            | ExportError::Answer(_)
            | ExportError::Output(_)) => Self::internal(error),
        }
    }
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::SubscriptionNotFound(id) => Self::not_found("subscription", &id),
            ReportError::ChargeNotFound(id) => Self::not_found("charge", &id),
            ReportError::ChargeOfAnotherSubscription { .. } => {
                Self::new(Code::ChargeOfAnotherSubscription, format!("{error}."))
            }
            ReportError::NothingOrdered(_) | ReportError::DeliveredOutsideOrdered { .. } => {
                Self::new(Code::InvalidParameter, format!("{error}."))
            }
            ReportError::Failure(failure) => failure.into(),
        }
    }
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::NotFound(id) => Self::not_found("event", &id),
            ReplayError::Forgotten(_) => Self::new(Code::TooLate, format!("{error}.")),
            ReplayError::Failure(failure) => failure.into(),
        }
    }
}

impl From<PortalError> for Problem {
    fn from(error: PortalError) -> Self {
        match error {
            PortalError::CustomerNotFound(id) => Self::not_found("customer", &id),
            PortalError::Failure(failure) => failure.into(),
        }
    }
}

impl From<JournalsError> for Problem {
    fn from(error: JournalsError) -> Self {
        match error {
            JournalsError::NoSuchJournal(_) => Self::invalid_cursor(),
            JournalsError::Failure(failure) => failure.into(),
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        let detail = format!("{error}.");
        match error {
            ImportError::UnknownConnection(name) => Self::not_found("connection", &name),
            ImportError::UnknownAccount { name, .. } => Self::not_found("bank account", &name),
            ImportError::NoSuchAccount { .. }
            | ImportError::OtherProvider { .. }
            | ImportError::OtherSide { .. }
            | ImportError::OfAnother { .. } => Self::new(Code::FileOfAnother, detail),
            ImportError::Read(_) => Self::new(Code::UnreadableFile, detail),
            ImportError::Spool(error) => Self::internal(error),
            ImportError::Failure(failure) => failure.into(),
        }
    }
}

impl From<ReconcileError> for Problem {
    fn from(error: ReconcileError) -> Self {
        match error {
            ReconcileError::UnknownConnection(name) => Self::not_found("connection", &name),
            ReconcileError::Import(error) => Self::internal(error),
            ReconcileError::Failure(failure) => failure.into(),
        }
    }
}

impl From<breaks::Refused> for Problem {
    fn from(refused: breaks::Refused) -> Self {
        let detail = format!("{refused}.");
        match refused {
            breaks::Refused::NotFound(id) => Self::not_found("break", &id),
            breaks::Refused::AlreadyResolved(_) => Self::new(Code::BreakResolved, detail),
            breaks::Refused::NotResolved(_) => Self::new(Code::BreakOpen, detail),
            breaks::Refused::DoesNotFit { .. } => Self::new(Code::ResolutionDoesNotFit, detail),
            breaks::Refused::SamePerson(_) => Self::new(Code::SecondPersonNeeded, detail),
            breaks::Refused::Failure(failure) => failure.into(),
        }
    }
}

impl Problem {
    pub fn invalid_cursor() -> Self {
        Self::new(
            Code::InvalidCursor,
            "cursor: take it from next_cursor of the page before, and leave it out for the first page.",
        )
    }

    pub fn unknown_connection(name: &str) -> Self {
        let name: String = name.chars().take(40).collect();
        Self::new(
            Code::UnknownConnection,
            format!(
                "There is no connection {name:?}: the last part of the URL is a connection's name in the settings."
            ),
        )
    }

    pub fn overloaded(what: &str) -> Self {
        Self::new(Code::Overloaded, what).retry_after(RETRY_AFTER_S)
    }

    pub fn commit_uncertain() -> Self {
        Self::new(
            Code::CommitUncertain,
            "It is not certain that the delivery was stored: send it again. A second copy does no harm.",
        )
        .retry_after(RETRY_AFTER_S)
    }

    fn provider_not_configured(connection: &str) -> Self {
        Self::new(
            Code::ProviderNotConfigured,
            format!(
                "Connection {connection} has no api_key, so it tracks only: set connections.{connection}.api_key to cancel and refund."
            ),
        )
    }

    fn provider_unavailable(why: String) -> Self {
        Self::new(
            Code::ProviderUnavailable,
            "The provider could not be asked for the newest facts. Nothing was done: try again.",
        )
        .retry_after(RETRY_AFTER_S)
        .caused_by(why)
    }

    fn rejected(verdict: Verdict) -> Self {
        let detail = verdict.explanation.en.clone();
        let mut problem = Self::new(Code::Rejected(verdict.code), detail);
        problem.0.rejection = Some(Rejection {
            clause: verdict.clause.as_str(),
            explanation: verdict.explanation,
        });
        problem
    }
}

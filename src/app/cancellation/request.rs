//! Asking for a cancellation. The time of asking is on disk before anything else happens: it decides.

use super::super::provider::{Unread, link};
use super::super::{App, Failure, books, facts};
use super::{picture_of, read_from_provider, refund_choice_text};
use crate::store::WriteTx;
use crate::store::rows::{Cancellation, Subscription};
use avstem_domain::cancellation::RefundChoice;
use avstem_domain::id::CancellationId;
use avstem_domain::time::Timestamp;

#[derive(Debug, Clone)]
pub struct RequestCancellation {
    /// Our id or the provider's.
    pub subscription: String,
    pub requested_by: RequestedBy,
    pub refund: RefundChoice,
    pub reason: Option<String>,
    /// When the customer really asked, if that was earlier. Not in the future.
    pub requested_at: Option<Timestamp>,
    /// The charge (our id or the provider's) that the asker saw as the latest.
    pub expected_latest_charge: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestedBy {
    Customer,
    Support,
    Shop,
}

impl RequestedBy {
    pub const ALL: [Self; 3] = [Self::Customer, Self::Support, Self::Shop];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Support => "support",
            Self::Shop => "shop",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.as_str() == text)
    }
}

#[derive(Debug, Clone)]
pub struct Requested {
    pub cancellation: Cancellation,
    pub standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    New,
    /// One stood already: nothing was changed.
    Existing,
}

#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    #[error("there is no such subscription")]
    NotFound,
    #[error(
        "connection {connection:?} has no api_key, so nothing can be canceled there; set connections.{connection}.api_key"
    )]
    ProviderNotConfigured { connection: String },
    #[error(
        "the latest charge is not the one you saw; look at the preview again. Nothing was done"
    )]
    LatestChargeChanged { latest: Option<String> },
    #[error(
        "requested_at lies in the future; give the time when the customer asked, or leave it out"
    )]
    RequestedInFuture,
    #[error(
        "the provider could not be asked which charge is the latest ({why}); try again soon. Nothing was done"
    )]
    ProviderUnavailable { why: String },
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<crate::store::StoreError> for RequestError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// Records the request, or finds the one that stands. The saga goes on in the background.
pub fn request(app: &App, command: RequestCancellation) -> Result<Requested, RequestError> {
    let received_at = app.clock.now();
    let found = app.store.read(|tx| {
        let subscription = tx
            .find_subscription(&command.subscription)?
            .ok_or(RequestError::NotFound)?;
        let standing = tx.standing_cancellation(&subscription.id)?;
        Ok::<_, RequestError>((subscription, standing))
    })?;
    let (subscription, standing) = found;
    if let Some(cancellation) = standing {
        return Ok(Requested {
            cancellation,
            standing: Standing::Existing,
        });
    }
    if command.requested_at.is_some_and(|at| at > received_at) {
        return Err(RequestError::RequestedInFuture);
    }
    let not_configured = || RequestError::ProviderNotConfigured {
        connection: subscription.connection.clone(),
    };
    let settings = app
        .config
        .connections
        .get(&subscription.connection)
        .ok_or_else(not_configured)?;
    settings.api_key.as_ref().ok_or_else(not_configured)?;
    if command.expected_latest_charge.is_some() {
        refresh(app, &subscription)?;
    }
    let seam = |name| app.seams.cross(name).map_err(Failure::from);
    seam("tx:cancellation-request:before")?;
    let requested = app
        .store
        .write(|tx| record(app, tx, &command, &subscription, received_at))?;
    seam("tx:cancellation-request:after")?;
    app.signals.cancellations.ring();
    if requested.standing == Standing::New {
        let id = &requested.cancellation.id;
        tracing::info!(cancellation.id = %id, subscription.id = %subscription.id, "Took cancellation {id}");
    }
    Ok(requested)
}

/// What the asker saw is compared with what the provider says now, not with what we heard last.
fn refresh(app: &App, subscription: &Subscription) -> Result<(), RequestError> {
    let link = link(app, &subscription.connection)?;
    let observations = match read_from_provider(&link, subscription)? {
        Ok(observations) => observations,
        Err(Unread::NotFound) => return Ok(()),
        Err(Unread::Later { why, .. } | Unread::NeedsPerson { why }) => {
            return Err(RequestError::ProviderUnavailable { why });
        }
    };
    app.store
        .write(|tx| books::absorb(tx, app.keeping(), &subscription.connection, &observations))?;
    Ok(())
}

fn record(
    app: &App,
    tx: &mut WriteTx<'_>,
    command: &RequestCancellation,
    subscription: &Subscription,
    received_at: Timestamp,
) -> Result<Requested, RequestError> {
    if let Some(cancellation) = tx.standing_cancellation(&subscription.id)? {
        return Ok(Requested {
            cancellation,
            standing: Standing::Existing,
        });
    }
    let judged_at = command.requested_at.unwrap_or(received_at);
    if let Some(expected) = &command.expected_latest_charge {
        let picture = picture_of(tx, subscription.clone())?;
        expect_latest(&picture, expected, judged_at)?;
    }
    let cancellation = Cancellation {
        id: CancellationId::from_uuid(app.clock.uuid()).to_string(),
        subscription_id: subscription.id.clone(),
        origin: "avstem".to_owned(),
        state: "requested".to_owned(),
        step: "requested".to_owned(),
        requested_by: command.requested_by.as_str().to_owned(),
        refund: refund_choice_text(command.refund).to_owned(),
        reason: command.reason.clone(),
        received_at: received_at.as_micros(),
        judged_at: judged_at.as_micros(),
        stop_mode: None,
        stop_effective_at: None,
        stop_done_at: None,
        policy_version: None,
        attention: None,
        trouble: None,
        attempts: 0,
        due_at: Some(received_at.as_micros()),
        lease_until: 0,
        fence: 0,
        stop_asked_at: None,
        undo_requested_at: None,
        undone_at: None,
        version: String::new(),
    };
    tx.save_cancellation(&cancellation)?;
    Ok(Requested {
        cancellation,
        standing: Standing::New,
    })
}

fn expect_latest(
    picture: &facts::SubscriptionPicture,
    expected: &str,
    judged_at: Timestamp,
) -> Result<(), RequestError> {
    let latest = avstem_domain::cancellation::latest_charges(&picture.facts()?, judged_at);
    let latest: Vec<String> = latest.iter().map(ToString::to_string).collect();
    let as_expected = picture.charges.iter().any(|charge| {
        latest.contains(&charge.row.id)
            && (charge.row.id == expected || charge.row.provider_id == expected)
    });
    if as_expected {
        Ok(())
    } else {
        Err(RequestError::LatestChargeChanged {
            latest: latest.into_iter().next(),
        })
    }
}

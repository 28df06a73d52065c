//! Cancellations that others made at the provider: told, and rebuilt.

use super::super::Failure;
use super::projection::{Cell, Line, Names, Parent, Projection, Written};
use super::tables::Column;
use crate::store::ReadTx;
use crate::store::rows::{Cancellation, Projected};
use std::collections::BTreeMap;

/// By subscription and the provider's time of asking.
pub(super) struct Adopted;

/// An adopted cancellation and whose it is.
pub(super) struct Stop {
    /// Connection and the provider's id.
    subscription: String,
    row: Cancellation,
}

impl Adopted {
    pub(super) const COLUMNS: &'static [(&'static str, Column)] = &[
        ("subscription_id", Column::Key),
        ("stop_asked_at", Column::Key),
        ("origin", Column::Compared),
        ("state", Column::Compared),
        ("step", Column::Compared),
        ("requested_by", Column::Compared),
        ("refund", Column::Compared),
        ("reason", Column::Compared),
        ("received_at", Column::Compared),
        ("judged_at", Column::Compared),
        ("stop_mode", Column::Compared),
        ("stop_effective_at", Column::Compared),
        ("stop_done_at", Column::Compared),
        ("policy_version", Column::Compared),
        ("version", Column::Compared),
        ("id", Column::LeftOut("ours, given at random")),
        ("attention", Column::LeftOut("a note to people: operating")),
        ("trouble", Column::LeftOut("a note to people: operating")),
        ("attempts", Column::LeftOut("how often we tried: operating")),
        ("due_at", Column::LeftOut("when it goes on: operating")),
        ("lease_until", Column::LeftOut("who works on it: operating")),
        ("fence", Column::LeftOut("who works on it: operating")),
        (
            "undo_requested_at",
            Column::LeftOut("ours: that it was to be taken back"),
        ),
        (
            "undone_at",
            Column::LeftOut("ours: when we took it back; that it is off is told, and in state"),
        ),
    ];
}

impl Projection for Adopted {
    type Row = Stop;
    const BY: Projected = Projected::Subscriptions;
    const TABLE: &'static str = "cancellations";
    const PARENT: Parent = Parent::None;

    fn rows(tx: &mut ReadTx<'_>, connection: &str, keys: &[String]) -> Result<Vec<Stop>, Failure> {
        let subscriptions: BTreeMap<String, String> = tx
            .subscriptions_by_provider_ids(connection, keys)?
            .into_iter()
            .map(|row| (row.id, row.provider_id))
            .collect();
        let ids: Vec<String> = subscriptions.keys().cloned().collect();
        let mut stops = Vec::new();
        for row in tx.cancellations_of_subscriptions(&ids)? {
            if let Some(provider_id) = subscriptions.get(&row.subscription_id)
                && row.origin != "avstem"
            {
                let subscription = format!("{connection} {provider_id}");
                stops.push(Stop { subscription, row });
            }
        }
        Ok(stops)
    }

    fn parent(_: &Stop) -> Option<String> {
        None
    }

    fn line(stop: &Stop, _: &Names) -> Line {
        let Stop { subscription, row } = stop;
        let Cancellation {
            id: _,
            subscription_id: _,
            origin,
            state,
            step,
            requested_by,
            refund,
            reason,
            received_at,
            judged_at,
            stop_mode,
            stop_effective_at,
            stop_done_at,
            policy_version,
            attention: _,
            trouble: _,
            attempts: _,
            due_at: _,
            lease_until: _,
            fence: _,
            stop_asked_at,
            undo_requested_at,
            undone_at: _,
            version,
        } = row;
        // What is being taken back is where our saga is, which nobody told.
        let state = match undo_requested_at {
            Some(_) if state != "undone" => Cell::NotCompared,
            Some(_) | None => Cell::Plain(state.written()),
        };
        let asked_at = stop_asked_at.written().unwrap_or_default();
        Line {
            key: format!("{subscription} {asked_at}"),
            cells: vec![
                ("origin", Cell::Plain(origin.written())),
                ("state", state),
                ("step", Cell::Plain(step.written())),
                ("requested_by", Cell::Plain(requested_by.written())),
                ("refund", Cell::Plain(refund.written())),
                ("reason", Cell::Plain(reason.written())),
                ("received_at", Cell::Plain(received_at.written())),
                ("judged_at", Cell::Plain(judged_at.written())),
                ("stop_mode", Cell::Plain(stop_mode.written())),
                (
                    "stop_effective_at",
                    Cell::Plain(stop_effective_at.written()),
                ),
                ("stop_done_at", Cell::Plain(stop_done_at.written())),
                ("policy_version", Cell::Plain(policy_version.written())),
                ("version", Cell::Plain(version.written())),
            ],
        }
    }
}

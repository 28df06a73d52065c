//! Every verdict of every cancellation, in the order of their ids. Days are those they were decided on.

use super::{Kind, PAGE, Scope, Sink};
use crate::exports::ExportError;
use crate::exports::table::{Cells, Value, columns, id, optional_text, text};
use crate::store::ReadTx;
use crate::store::rows::{Cancellation, Subscription, Verdict};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const KIND: Kind = Kind {
    name: "decisions",
    columns: columns![
        cancellation_id: Id,
        subscription_id: Id,
        subscription_provider_id: Id,
        charge_id: Id,
        charge_provider_id: Id,
        kind: Text,
        amount: Amount,
        currency: Text,
        period_start: Time,
        period_end: Time,
        code: Text,
        clause: Text,
        decision: Text,
        refund_amount: Amount,
        policy_version: Text,
        explanation_sv: Text,
        explanation_en: Text,
        decided_at: Time,
    ],
    rows,
};

fn rows(tx: &mut ReadTx<'_>, scope: &Scope<'_>, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    let mut after = (String::new(), i64::MIN);
    loop {
        let page = tx.verdicts_after(scope.from, scope.to, (&after.0, after.1), PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = (last.cancellation_id.clone(), last.position);
        let ids: BTreeSet<String> = page
            .iter()
            .map(|verdict| verdict.cancellation_id.clone())
            .collect();
        let cancellations = tx.cancellations_by_ids(&ids.into_iter().collect::<Vec<_>>())?;
        let ids: BTreeSet<String> = cancellations
            .iter()
            .map(|row| row.subscription_id.clone())
            .collect();
        let subscriptions = tx.subscriptions_by_ids(&ids.into_iter().collect::<Vec<_>>())?;
        let subscriptions: BTreeMap<String, Subscription> = subscriptions
            .into_iter()
            .map(|row| (row.id.clone(), row))
            .collect();
        let cancellations: BTreeMap<String, Cancellation> = cancellations
            .into_iter()
            .map(|row| (row.id.clone(), row))
            .collect();
        for verdict in &page {
            let cancellation = cancellations.get(&verdict.cancellation_id);
            let subscription = cancellation.and_then(|row| subscriptions.get(&row.subscription_id));
            let (Some(cancellation), Some(subscription)) = (cancellation, subscription) else {
                return Err(ExportError::unreadable(
                    "the subscription",
                    &verdict.cancellation_id,
                    "it does not exist",
                ));
            };
            sink(&row(verdict, cancellation, subscription)?)?;
        }
    }
}

fn row(
    verdict: &Verdict,
    cancellation: &Cancellation,
    subscription: &Subscription,
) -> Result<[Value; 18], ExportError> {
    let cells = Cells(&verdict.cancellation_id);
    let refund = verdict
        .refund_amount
        .map(|minor| cells.amount(minor, &verdict.currency));
    Ok([
        id(&verdict.cancellation_id),
        id(&subscription.id),
        id(&subscription.provider_id),
        id(&verdict.charge_id),
        id(&verdict.charge_provider_id),
        text(&verdict.kind),
        cells.amount(verdict.amount, &verdict.currency)?,
        text(&verdict.currency),
        cells.optional_time(verdict.period_start)?,
        cells.optional_time(verdict.period_end)?,
        text(&verdict.code),
        text(&verdict.clause),
        text(&verdict.decision),
        refund.transpose()?.unwrap_or(Value::Null),
        optional_text(cancellation.policy_version.as_deref()),
        text(&verdict.explanation_sv),
        text(&verdict.explanation_en),
        cells.time(verdict.decided_at)?,
    ])
}

//! Payouts. The same in both shapes; `trace_id` came in 2024.

use super::fields::Object;
use crate::Unreadable;
use avstem_domain::id::ProviderPayoutId;
use avstem_domain::payout::{Automation, PayoutFact, PayoutStatus, ReconciliationStatus};

pub(super) fn fact(payout: &Object<'_>) -> Result<PayoutFact, Unreadable> {
    let trace = payout.opt_object("trace_id")?;
    Ok(PayoutFact {
        id: payout.id("id", ProviderPayoutId::parse)?,
        amount: payout.amount("amount", payout.currency()?)?,
        status: status(payout)?,
        // Midnight UTC of the day.
        arrival_date: payout.time("arrival_date")?.to_utc().date_naive(),
        automatic: match payout.opt_bool("automatic")? {
            Some(true) => Automation::Automatic,
            Some(false) | None => Automation::Manual,
        },
        reconciliation: reconciliation(payout)?,
        trace_id: match trace {
            Some(trace) => trace.opt_text("value")?.map(str::to_owned),
            None => None,
        },
        statement_descriptor: payout.opt_text("statement_descriptor")?.map(str::to_owned),
        failure_code: payout.opt_text("failure_code")?.map(str::to_owned),
        original: payout.opt_id("original_payout", ProviderPayoutId::parse)?,
        reversed_by: payout.opt_id("reversed_by", ProviderPayoutId::parse)?,
        created: payout.time("created")?,
    })
}

fn status(payout: &Object<'_>) -> Result<PayoutStatus, Unreadable> {
    PayoutStatus::parse(payout.text("status")?)
        .ok_or_else(|| payout.wrong("status", "is a payout status we do not know"))
}

fn reconciliation(payout: &Object<'_>) -> Result<ReconciliationStatus, Unreadable> {
    match payout.opt_text("reconciliation_status")? {
        None => Ok(ReconciliationStatus::NotApplicable),
        Some(text) => ReconciliationStatus::parse(text).ok_or_else(|| {
            payout.wrong(
                "reconciliation_status",
                "is a reconciliation status we do not know",
            )
        }),
    }
}

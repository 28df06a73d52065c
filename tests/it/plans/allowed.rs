//! What reads everything because it checks, exports or compares everything.

use super::rules::Fault;

/// Queries that may do what others may not, each with the reason.
pub const ALLOWED: &[(&str, Fault, &str)] = &[
    (
        "list_events",
        Fault::CountsOff,
        "counts 20,000 keys at most, to know where to stop",
    ),
    (
        "list_refunds",
        Fault::CountsOff,
        "counts 20,000 keys at most, to know where to stop",
    ),
    (
        "list_journals",
        Fault::CountsOff,
        "counts 20,000 keys at most, to know where to stop",
    ),
    (
        "more_wait_than",
        Fault::CountsOff,
        "counts the keys of one transaction's deliveries, to know whether there are more",
    ),
    (
        "positions_between",
        Fault::ReadsAll,
        "once for an export, from the index alone, of the days asked for",
    ),
    (
        "events_applied",
        Fault::ReadsPast,
        "a rebuild reads every delivery",
    ),
    (
        "first_applied_without_bytes",
        Fault::ReadsPast,
        "a rebuild asks of every delivery whether it can be read",
    ),
    (
        "our_refunds_after",
        Fault::ReadsPast,
        "a rebuild reads every refund",
    ),
    (
        "our_cancellations_after",
        Fault::ReadsPast,
        "a rebuild reads every cancellation",
    ),
    (
        "next_connection",
        Fault::ReadsPast,
        "a rebuild asks once for each connection",
    ),
    (
        "keys_after",
        Fault::ReadsPast,
        "a rebuild compares every row",
    ),
    (
        "rows_booked",
        Fault::ReadsAll,
        "an audit counts every posting and effect",
    ),
    (
        "orphan_effects",
        Fault::ReadsPast,
        "an audit looks at every effect",
    ),
    (
        "charges_earned_after",
        Fault::ReadsPast,
        "an audit looks at every charge",
    ),
    (
        "charges_after",
        Fault::ReadsPast,
        "an export goes through all charges once",
    ),
    (
        "subscriptions_after",
        Fault::ReadsPast,
        "an export goes through all subscriptions once",
    ),
    (
        "refunds_after",
        Fault::ReadsPast,
        "an export goes through all refunds once",
    ),
    (
        "verdicts_after",
        Fault::ReadsPast,
        "an export goes through all verdicts once",
    ),
    (
        "payouts_after",
        Fault::ReadsPast,
        "an export goes through all payouts once",
    ),
    (
        "journals_by_day",
        Fault::ReadsPast,
        "leaves out only what was written after it began",
    ),
    (
        "charges_to_earn",
        Fault::ReadsPast,
        "a month end looks at every charge with revenue to earn",
    ),
    (
        "charges_recognised",
        Fault::ReadsAll,
        "counts the charges of one month end",
    ),
    (
        "subscriptions_made",
        Fault::ReadsPast,
        "nearly all that was made in a time is asked for",
    ),
    (
        "charges_made",
        Fault::ReadsPast,
        "nearly all that was made in a time is asked for",
    ),
    (
        "refunds_made",
        Fault::ReadsPast,
        "nearly all that was made in a time is asked for",
    ),
    (
        "payouts_made",
        Fault::ReadsPast,
        "nearly all that was made in a time is asked for",
    ),
    (
        "others_refunds_after",
        Fault::ReadsPast,
        "a comparison with the provider looks at every refund",
    ),
    (
        "stops_after",
        Fault::ReadsPast,
        "a comparison with the provider looks at every cancellation",
    ),
    (
        "money_moved",
        Fault::ReadsAll,
        "a report adds up what was booked on its days",
    ),
    (
        "verdict_sums",
        Fault::ReadsAll,
        "a report adds up what was decided on its days",
    ),
    (
        "refund_sums",
        Fault::ReadsAll,
        "a report adds up what went back on its days",
    ),
    (
        "deferred_charges",
        Fault::ReadsPast,
        "a report goes through all charges once",
    ),
    (
        "lines_posted",
        Fault::ReadsPast,
        "a rebuild reads every line",
    ),
    (
        "lines_to_compare",
        Fault::ReadsPast,
        "a reconciliation reads every line",
    ),
    (
        "charges_to_compare",
        Fault::ReadsPast,
        "a reconciliation reads every charge that is booked",
    ),
    (
        "sources_told",
        Fault::ReadsAll,
        "whether there is any between two ids is known from the first",
    ),
    (
        "provider_totals",
        Fault::ReadsAll,
        "a reconciliation adds up all lines",
    ),
    (
        "bank_totals",
        Fault::ReadsAll,
        "a reconciliation adds up all that came to the bank",
    ),
    (
        "payouts_of",
        Fault::ReadsAll,
        "a reconciliation looks at every payout",
    ),
    (
        "charges_unreported",
        Fault::ReadsPast,
        "a reconciliation looks at every charge of its time",
    ),
    (
        "refunds_unreported",
        Fault::ReadsPast,
        "a reconciliation looks at every refund of its time",
    ),
    (
        "movements_unreported",
        Fault::ReadsPast,
        "a reconciliation looks at every dispute of its time",
    ),
    (
        "drop_ended_account_sessions",
        Fault::ReadsAll,
        "reads what it takes away",
    ),
];

//! Reports as numbers. The same values are drawn as pictures.

mod revenue;

pub use revenue::{RevenueReport, revenue_report};

use super::Money;
use crate::app::Failure;
use crate::http::schema::{self, words};
use crate::reports::Span;
use crate::reports::aging::{Aging, Group, KindAges, LAST_DAYS};
use crate::reports::reconciliation::{Balance, ExpectedSum, Reconciled, Summary};
use crate::reports::refunds::{MadeGroup, Maker, Refunds, VerdictGroup};
use crate::reports::waterfall::{Fall, Step, Waterfall};
use avstem_domain::money;
use schemars::JsonSchema;
use serde::Serialize;

/// Provider, books and bank beside each other, as the last reconciliation found them.
#[derive(Serialize, JsonSchema)]
pub struct ReconciliationReport {
    /// Null when it is of all connections.
    #[schemars(example = &"stripe")]
    connection: Option<String>,
    /// Null while nothing was reconciled.
    last: Option<LastReconciliation>,
}

#[derive(Serialize, JsonSchema)]
struct LastReconciliation {
    #[schemars(with = "schema::ReconciliationId")]
    id: String,
    #[schemars(with = "schema::Day")]
    through: String,
    /// How many were open then.
    #[schemars(with = "schema::Count")]
    open_breaks: i64,
    balances: Vec<ReportedBalance>,
    expected: Vec<ReportedExpected>,
}

/// One connection in one currency.
#[derive(Serialize, JsonSchema)]
struct ReportedBalance {
    #[schemars(example = &"stripe")]
    connection: String,
    #[schemars(with = "schema::Currency")]
    currency: String,
    /// What the provider owes us by its reports; null where none was handed in.
    #[schemars(with = "Option<schema::Decimal>")]
    provider: Option<String>,
    /// The same by our books.
    #[schemars(with = "schema::Decimal")]
    ledger: String,
    /// Paid out, and not in the bank yet.
    #[schemars(with = "schema::Decimal")]
    in_transit: String,
    /// What of its payouts came to the bank.
    #[schemars(with = "schema::Decimal")]
    bank: String,
    /// What the books have more than the reports, less what no report covers yet.
    #[schemars(with = "Option<schema::Decimal>")]
    difference: Option<String>,
}

/// Differences of one kind that time will settle.
#[derive(Serialize, JsonSchema)]
struct ReportedExpected {
    #[schemars(with = "words::ExpectedReason")]
    reason: String,
    #[schemars(example = &"paypal")]
    connection: String,
    amount: Money,
    #[schemars(with = "schema::Count")]
    count: u64,
    #[schemars(with = "schema::Day")]
    oldest_on: String,
}

pub fn reconciliation_report(summary: &Summary) -> Result<ReconciliationReport, Failure> {
    let balance = |one: &Balance| ReportedBalance {
        connection: one.connection.clone(),
        currency: one.ledger.currency().code().to_owned(),
        provider: one.provider.map(|amount| amount.to_decimal_string()),
        ledger: one.ledger.to_decimal_string(),
        in_transit: one.in_transit.to_decimal_string(),
        bank: one.bank.to_decimal_string(),
        difference: one.difference.map(|amount| amount.to_decimal_string()),
    };
    let expected = |one: &ExpectedSum| ReportedExpected {
        reason: one.reason.as_str().to_owned(),
        connection: one.connection.clone(),
        amount: one.amount.into(),
        count: one.count,
        oldest_on: one.oldest_on.to_string(),
    };
    let last = |last: &Reconciled| LastReconciliation {
        id: last.id.clone(),
        through: last.through.to_string(),
        open_breaks: last.breaks,
        balances: last.balances.iter().map(balance).collect(),
        expected: last.expected.iter().map(expected).collect(),
    };
    Ok(ReconciliationReport {
        connection: summary.connection.clone(),
        last: summary.last.as_ref().map(last),
    })
}

/// From what customers paid to what came to the bank.
#[derive(Serialize, JsonSchema)]
pub struct WaterfallReport {
    /// Null when it is of all connections.
    #[schemars(example = &"stripe")]
    connection: Option<String>,
    #[schemars(with = "Option<schema::Day>")]
    from: Option<String>,
    #[schemars(with = "Option<schema::Day>")]
    to: Option<String>,
    currencies: Vec<Waterfalls>,
}

/// In one currency: the steps sum to `bank`.
#[derive(Serialize, JsonSchema)]
struct Waterfalls {
    #[schemars(with = "schema::Currency")]
    currency: String,
    /// What was taken from customers and what became of it; the sum is `net`.
    earned: Vec<WaterfallStep>,
    #[schemars(with = "schema::Decimal")]
    net: String,
    /// What keeps `net` from being in the bank.
    withheld: Vec<WaterfallStep>,
    /// What the bank accounts changed by.
    #[schemars(with = "schema::Decimal")]
    bank: String,
}

#[derive(Serialize, JsonSchema)]
struct WaterfallStep {
    #[schemars(with = "words::WaterfallStep")]
    step: String,
    /// Above zero when it adds.
    #[schemars(with = "schema::Decimal")]
    amount: String,
}

pub fn waterfall_report(waterfall: &Waterfall) -> Result<WaterfallReport, Failure> {
    let step = |(step, amount): &(Step, money::Money)| WaterfallStep {
        step: step.as_str().to_owned(),
        amount: amount.to_decimal_string(),
    };
    let fall = |fall: &Fall| Waterfalls {
        currency: fall.currency.code().to_owned(),
        earned: fall.earned.iter().map(step).collect(),
        net: fall.net.to_decimal_string(),
        withheld: fall.withheld.iter().map(step).collect(),
        bank: fall.bank.to_decimal_string(),
    };
    let [from, to] = days(waterfall.span);
    Ok(WaterfallReport {
        connection: waterfall.connection.clone(),
        from,
        to,
        currencies: waterfall.falls.iter().map(fall).collect(),
    })
}

/// Open breaks by kind and age.
#[derive(Serialize, JsonSchema)]
pub struct AgingReport {
    /// Null when it is of all connections.
    #[schemars(example = &"stripe")]
    connection: Option<String>,
    /// The day that ages count to; null while nothing was reconciled.
    #[schemars(with = "Option<schema::Day>")]
    through: Option<String>,
    /// Kinds that have open breaks.
    kinds: Vec<AgesOfKind>,
}

#[derive(Serialize, JsonSchema)]
struct AgesOfKind {
    #[schemars(with = "words::BreakKind")]
    kind: String,
    #[schemars(with = "schema::Count")]
    count: u64,
    /// What they differ by, whichever way; one for each currency.
    amounts: Vec<Money>,
    /// Age of the oldest.
    #[schemars(with = "schema::Count")]
    oldest_days: i64,
    /// From the youngest to the oldest.
    groups: Vec<AgeGroup>,
    /// What to do about them.
    suggestion: String,
}

#[derive(Serialize, JsonSchema)]
struct AgeGroup {
    /// The first day of the group, counted from the day of the money.
    #[schemars(with = "schema::Count")]
    from_days: i64,
    /// The last one; null where there is none.
    #[schemars(with = "Option<schema::Count>")]
    to_days: Option<i64>,
    #[schemars(with = "schema::Count")]
    count: u64,
    amounts: Vec<Money>,
}

pub fn aging_report(aging: &Aging) -> Result<AgingReport, Failure> {
    Ok(AgingReport {
        connection: aging.connection.clone(),
        through: aging.through.map(|day| day.to_string()),
        kinds: aging.kinds.iter().map(ages_of).collect::<Result<_, _>>()?,
    })
}

fn ages_of(kind: &KindAges) -> Result<AgesOfKind, Failure> {
    let firsts = std::iter::once(0).chain(LAST_DAYS.map(|last| last.saturating_add(1)));
    let lasts = LAST_DAYS.into_iter().map(Some).chain([None]);
    let group = |((from_days, to_days), group): ((i64, Option<i64>), &Group)| AgeGroup {
        from_days,
        to_days,
        count: group.breaks,
        amounts: group.amounts.values().copied().map(Money::from).collect(),
    };
    Ok(AgesOfKind {
        kind: kind.kind.as_str().to_owned(),
        count: kind.breaks(),
        amounts: kind.amounts()?.into_values().map(Money::from).collect(),
        oldest_days: kind.oldest,
        groups: firsts.zip(lasts).zip(&kind.groups).map(group).collect(),
        suggestion: kind.kind.suggestion().to_owned(),
    })
}

/// What the policy decided, and which refunds were made.
#[derive(Serialize, JsonSchema)]
pub struct RefundsReport {
    /// Null when it is of all connections.
    #[schemars(example = &"stripe")]
    connection: Option<String>,
    #[schemars(with = "Option<schema::Day>")]
    from: Option<String>,
    #[schemars(with = "Option<schema::Day>")]
    to: Option<String>,
    /// By the day decided. Cancellations that were taken back are left out.
    verdicts: Vec<VerdictsAlike>,
    /// By the day made.
    refunds: Vec<RefundsAlike>,
}

/// Verdicts that came out the same, in one currency.
#[derive(Serialize, JsonSchema)]
struct VerdictsAlike {
    #[schemars(with = "words::Decision")]
    decision: String,
    #[schemars(with = "words::Clause")]
    clause: String,
    #[schemars(with = "words::VerdictCode")]
    code: String,
    #[schemars(with = "schema::Count")]
    count: i64,
    #[schemars(with = "schema::Currency")]
    currency: String,
    /// What had been charged.
    #[schemars(with = "schema::Decimal")]
    charged: String,
    /// What of it goes back.
    #[schemars(with = "schema::Decimal")]
    granted: String,
    /// What would have gone back if the customers had not kept the paid period.
    #[schemars(with = "schema::Decimal")]
    waived: String,
}

/// Refunds that stand the same, in one currency.
#[derive(Serialize, JsonSchema)]
struct RefundsAlike {
    #[schemars(with = "words::Origin")]
    origin: String,
    /// Whether the policy would have made them; null for ours, and for those that were not judged.
    policy_conform: Option<bool>,
    #[schemars(with = "words::RefundState")]
    state: String,
    #[schemars(with = "schema::Count")]
    count: i64,
    amount: Money,
}

pub fn refunds_report(refunds: &Refunds) -> Result<RefundsReport, Failure> {
    let verdict = |one: &VerdictGroup| VerdictsAlike {
        decision: one.decision.as_str().to_owned(),
        clause: one.clause.as_str().to_owned(),
        code: one.code.as_str().to_owned(),
        count: one.verdicts,
        currency: one.charged.currency().code().to_owned(),
        charged: one.charged.to_decimal_string(),
        granted: one.granted.to_decimal_string(),
        waived: one.waived.to_decimal_string(),
    };
    let made = |one: &MadeGroup| {
        let (origin, policy_conform) = match one.maker {
            Maker::Us => ("avstem", None),
            Maker::OthersByPolicy => ("provider", Some(true)),
            Maker::OthersOutsidePolicy => ("provider", Some(false)),
            Maker::OthersNotJudged => ("provider", None),
        };
        RefundsAlike {
            origin: origin.to_owned(),
            policy_conform,
            state: one.state.clone(),
            count: one.refunds,
            amount: one.amount.into(),
        }
    };
    let [from, to] = days(refunds.span);
    Ok(RefundsReport {
        connection: refunds.connection.clone(),
        from,
        to,
        verdicts: refunds.verdicts.iter().map(verdict).collect(),
        refunds: refunds.made.iter().map(made).collect(),
    })
}

fn days(span: Span) -> [Option<String>; 2] {
    [span.from, span.to].map(|day| day.map(|day| day.to_string()))
}

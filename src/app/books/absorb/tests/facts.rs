//! Arbitrary facts of every kind that can be kept.

use avstem_domain::charge::ChargeStatus;
use avstem_domain::dispute::{
    Direction, DisputeFact, DisputeMovement, DisputeStatus, Refundability,
};
use avstem_domain::event::{
    BillingReason, ChargeFact, DisputeStanding, Fact, Interval, IntervalUnit, InvoiceFact,
    InvoiceOfCharge, InvoicePaymentFact, InvoiceStatus, PaymentRef, ProviderRefundStatus,
    RefundFact, Renewal, SubscriptionFact, Version,
};
use avstem_domain::id::*;
use avstem_domain::money::{Currency, Money};
use avstem_domain::payout::{Automation, PayoutFact, PayoutStatus, ReconciliationStatus};
use avstem_domain::subscription::SubscriptionStatus;
use avstem_domain::time::{BillingPeriod, Timestamp};
use avstem_webhooks::Observation;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

macro_rules! provider_id {
    ($kind:ident) => {
        visible().prop_map(|text| $kind::parse(&text).unwrap())
    };
}

fn visible() -> BoxedStrategy<String> {
    prop::collection::vec(b'!'..=b'~', 1..20)
        .prop_map(|bytes| String::from_utf8(bytes).unwrap())
        .boxed()
}

fn words() -> impl Strategy<Value = Option<String>> {
    of(any::<String>())
}

fn money() -> impl Strategy<Value = Money> {
    (any::<i64>(), select(&["SEK", "JPY", "KWD"][..]))
        .prop_map(|(minor, currency)| Money::from_minor(minor, Currency::parse(currency).unwrap()))
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0..=253_402_300_799_999_999i64).prop_map(|micros| Timestamp::from_micros(micros).unwrap())
}

fn period() -> impl Strategy<Value = BillingPeriod> {
    (time(), 1..9_999_999i64)
        .prop_map(|(start, length)| (start, start.saturating_add_micros(length)))
        .prop_filter_map("a period has a length", |(start, end)| {
            BillingPeriod::new(start, end).ok()
        })
}

fn subscription() -> impl Strategy<Value = Fact> {
    let interval =
        (any::<u32>(), select(&INTERVALS[..])).prop_map(|(count, unit)| Interval { unit, count });
    let renewal = select(&[Renewal::Renews, Renewal::StopsAtPeriodEnd][..]);
    (
        provider_id!(ProviderSubscriptionId),
        provider_id!(ProviderCustomerId),
        select(&SubscriptionStatus::ALL[..]),
        [words(), words()],
        of(money()),
        of(interval),
        of(period()),
        renewal,
        [of(time()), of(time()), of(time()), of(time())],
        time(),
    )
        .prop_map(
            |(
                id,
                customer,
                status,
                texts,
                price,
                interval,
                current_period,
                renewal,
                at,
                created,
            )| {
                let [plan, stop_reason] = texts;
                let [trial_end, cancel_at, canceled_at, ended_at] = at;
                Fact::Subscription(SubscriptionFact {
                    id,
                    customer,
                    status,
                    plan,
                    price,
                    interval,
                    current_period,
                    trial_end,
                    renewal,
                    cancel_at,
                    canceled_at,
                    ended_at,
                    stop_reason,
                    created,
                })
            },
        )
}

const INTERVALS: [IntervalUnit; 4] = [
    IntervalUnit::Day,
    IntervalUnit::Week,
    IntervalUnit::Month,
    IntervalUnit::Year,
];
const REASONS: [BillingReason; 4] = [
    BillingReason::FirstInvoice,
    BillingReason::Cycle,
    BillingReason::Other,
    BillingReason::Unstated,
];
const INVOICES: [InvoiceStatus; 5] = [
    InvoiceStatus::Draft,
    InvoiceStatus::Open,
    InvoiceStatus::Paid,
    InvoiceStatus::Uncollectible,
    InvoiceStatus::Void,
];

fn invoice() -> impl Strategy<Value = Fact> {
    (
        provider_id!(ProviderInvoiceId),
        of(provider_id!(ProviderCustomerId)),
        prop::collection::vec(provider_id!(ProviderSubscriptionId), 0..3),
        select(&REASONS[..]),
        select(&INVOICES[..]),
        of(period()),
        [money(), money()],
        of(time()),
        time(),
    )
        .prop_map(
            |(id, customer, subscriptions, reason, status, period, money, paid_at, created)| {
                let [total, tax] = money;
                Fact::Invoice(InvoiceFact {
                    id,
                    customer,
                    subscriptions,
                    reason,
                    status,
                    period,
                    total,
                    tax,
                    paid_at,
                    created,
                })
            },
        )
}

fn invoice_payment() -> impl Strategy<Value = Fact> {
    let payment = prop_oneof![
        provider_id!(ProviderPaymentId).prop_map(PaymentRef::Payment),
        provider_id!(ProviderChargeId).prop_map(PaymentRef::Charge),
    ];
    (provider_id!(ProviderInvoiceId), payment, of(time())).prop_map(
        |(invoice, payment, paid_at)| {
            Fact::InvoicePayment(InvoicePaymentFact {
                invoice,
                payment,
                paid_at,
            })
        },
    )
}

fn charge() -> impl Strategy<Value = Fact> {
    let invoice = prop_oneof![
        Just(InvoiceOfCharge::Unstated),
        Just(InvoiceOfCharge::None),
        provider_id!(ProviderInvoiceId).prop_map(InvoiceOfCharge::Paid),
    ];
    let status = [
        ChargeStatus::Pending,
        ChargeStatus::Succeeded,
        ChargeStatus::Failed,
    ];
    let dispute = [
        DisputeStanding::Undisputed,
        DisputeStanding::Refundable,
        DisputeStanding::Blocks,
    ];
    (
        provider_id!(ProviderChargeId),
        of(provider_id!(ProviderCustomerId)),
        of(provider_id!(ProviderPaymentId)),
        [money(), money()],
        select(status.to_vec()),
        select(dispute.to_vec()),
        invoice,
        time(),
    )
        .prop_map(
            |(id, customer, payment, money, status, dispute, invoice, created)| {
                let [amount, refunded] = money;
                Fact::Charge(ChargeFact {
                    id,
                    customer,
                    payment,
                    amount,
                    refunded,
                    status,
                    dispute,
                    invoice,
                    created,
                })
            },
        )
}

const REFUNDS: [ProviderRefundStatus; 5] = [
    ProviderRefundStatus::Pending,
    ProviderRefundStatus::RequiresAction,
    ProviderRefundStatus::Succeeded,
    ProviderRefundStatus::Failed,
    ProviderRefundStatus::Canceled,
];

fn refund() -> impl Strategy<Value = Fact> {
    let ours = any::<u128>().prop_map(|number| RefundId::from_uuid(uuid::Uuid::from_u128(number)));
    (
        provider_id!(ProviderRefundId),
        of(provider_id!(ProviderChargeId)),
        of(provider_id!(ProviderPaymentId)),
        money(),
        select(&REFUNDS[..]),
        [words(), words()],
        of(ours),
        time(),
    )
        .prop_map(
            |(id, charge, payment, amount, status, reasons, ours, created)| {
                let [failure_reason, pending_reason] = reasons;
                Fact::Refund(RefundFact {
                    id,
                    charge,
                    payment,
                    amount,
                    status,
                    failure_reason,
                    pending_reason,
                    ours,
                    created,
                })
            },
        )
}

fn dispute() -> impl Strategy<Value = Fact> {
    let word = select(vec![
        Refundability::Refundable,
        Refundability::NotRefundable,
    ]);
    let direction = select(vec![Direction::Withdrawn, Direction::Reinstated]);
    let movement = (
        provider_id!(ProviderMovementId),
        direction,
        [money(), money()],
        time(),
    )
        .prop_map(|(id, direction, [amount, fee], at)| DisputeMovement {
            id,
            direction,
            amount,
            fee,
            at,
        });
    (
        provider_id!(ProviderDisputeId),
        of(provider_id!(ProviderChargeId)),
        of(provider_id!(ProviderPaymentId)),
        money(),
        select(&DisputeStatus::ALL[..]),
        words(),
        word,
        prop::collection::vec(movement, 0..3),
        of(time()),
        time(),
    )
        .prop_map(
            |(id, charge, payment, amount, status, reason, word, movements, due, created)| {
                Fact::Dispute(DisputeFact {
                    id,
                    charge,
                    payment,
                    amount,
                    status,
                    reason,
                    refundability: word,
                    movements,
                    evidence_due_at: due,
                    created,
                })
            },
        )
}

fn payout() -> impl Strategy<Value = Fact> {
    let day = (i32::from(i16::MIN)..=i32::from(i16::MAX), 1..=366u32)
        .prop_filter_map("a day of the year", |(year, day)| {
            chrono::NaiveDate::from_yo_opt(year, day)
        });
    let automatic = select(vec![Automation::Automatic, Automation::Manual]);
    (
        provider_id!(ProviderPayoutId),
        money(),
        select(&PayoutStatus::ALL[..]),
        day,
        automatic,
        select(&ReconciliationStatus::ALL[..]),
        [words(), words(), words()],
        [of(visible()), of(visible())],
        time(),
    )
        .prop_map(
            |(id, amount, status, day, automatic, reconciliation, texts, others, created)| {
                let [trace_id, statement_descriptor, failure_code] = texts;
                let [original, reversed_by] =
                    others.map(|id| id.map(|id| ProviderPayoutId::parse(&id).unwrap()));
                Fact::Payout(PayoutFact {
                    id,
                    amount,
                    status,
                    arrival_date: day,
                    automatic,
                    reconciliation,
                    trace_id,
                    statement_descriptor,
                    failure_code,
                    original,
                    reversed_by,
                    created,
                })
            },
        )
}

pub fn observation() -> impl Strategy<Value = Observation> {
    let fact = prop_oneof![
        subscription(),
        invoice(),
        invoice_payment(),
        charge(),
        refund(),
        dispute(),
        payout(),
    ];
    let version = (any::<bool>(), time(), any::<i64>(), any::<String>()).prop_map(
        |(terminal, observed_at, rank, tie)| Version {
            terminal,
            observed_at,
            rank,
            tie,
        },
    );
    (version, fact).prop_map(|(version, fact)| Observation { version, fact })
}

//! Rows for charges whose money was never taken, is disputed, or has gone back already.

use super::Code;
use super::tests::{Row, Shows};
use crate::cancellation::fixtures::{at, report, sek};
use crate::charge::{ChargeKind, ChargeStatus};
use crate::event::DisputeStanding;

pub(super) const ROWS: &[Row] = &[
    Row {
        code: Code::NotPaid,
        shows: Shows::Applies,
        when: "the charge failed",
        charge: 3,
        change: |w| w.charge(3).status = ChargeStatus::Failed,
        expect: "not_paid R2 reject",
    },
    Row {
        code: Code::NotPaid,
        shows: Shows::Applies,
        when: "the charge is pending and has a payment time already",
        charge: 3,
        change: |w| w.charge(3).status = ChargeStatus::Pending,
        expect: "not_paid R2 reject",
    },
    Row {
        code: Code::NotPaid,
        shows: Shows::Applies,
        when: "nobody knows that it was paid",
        charge: 3,
        change: |w| w.charge(3).paid_at = None,
        expect: "not_paid R2 reject",
    },
    Row {
        code: Code::NotPaid,
        shows: Shows::Fails,
        when: "the charge succeeded",
        charge: 3,
        change: |_| {},
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::NotPaid,
        shows: Shows::Boundary,
        when: "one öre was taken",
        charge: 3,
        change: |w| w.charge(3).amount = sek(1),
        expect: "latest_charge R2 refund 0.01",
    },
    Row {
        code: Code::NotPaid,
        shows: Shows::Boundary,
        when: "zero was taken",
        charge: 3,
        change: |w| w.charge(3).amount = sek(0),
        expect: "not_paid R2 reject",
    },
    Row {
        code: Code::NotPaid,
        shows: Shows::Boundary,
        when: "the charge after it took zero, and so was none",
        charge: 2,
        change: |w| {
            w.charge(3).amount = sek(0);
            w.charge(3).paid_at = Some(at("2026-10-10T09:00:00Z"));
            w.ask("2026-10-15T09:00:00Z");
        },
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::NotPaid,
        shows: Shows::Precedence,
        when: "it failed and is of another kind and disputed",
        charge: 3,
        change: |w| {
            w.charge(3).status = ChargeStatus::Failed;
            w.charge(3).kind = ChargeKind::Other;
            w.charge(3).dispute = DisputeStanding::Blocks;
        },
        expect: "not_paid R2 reject",
    },
    Row {
        code: Code::Disputed,
        shows: Shows::Applies,
        when: "a dispute is open or lost",
        charge: 3,
        change: |w| w.charge(3).dispute = DisputeStanding::Blocks,
        expect: "disputed D3 reject",
    },
    Row {
        code: Code::Disputed,
        shows: Shows::Fails,
        when: "another charge is disputed",
        charge: 3,
        change: |w| w.charge(2).dispute = DisputeStanding::Blocks,
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::Disputed,
        shows: Shows::Boundary,
        when: "there is an inquiry, and the provider lets the charge be refunded",
        charge: 3,
        change: |w| w.charge(3).dispute = DisputeStanding::Refundable,
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::Disputed,
        shows: Shows::Precedence,
        when: "it is disputed and refunded in full",
        charge: 3,
        change: |w| {
            w.charge(3).dispute = DisputeStanding::Blocks;
            w.charge(3).refunded = sek(24_900);
        },
        expect: "disputed D3 reject",
    },
    Row {
        code: Code::Disputed,
        shows: Shows::Precedence,
        when: "it is disputed and was charged after the request",
        charge: 3,
        change: |w| {
            w.charge(3).dispute = DisputeStanding::Blocks;
            w.ask("2026-10-20T00:00:00Z");
        },
        expect: "disputed D3 reject",
    },
    Row {
        code: Code::AlreadyRefunded,
        shows: Shows::Applies,
        when: "all of it went back",
        charge: 3,
        change: |w| w.charge(3).refunded = sek(24_900),
        expect: "already_refunded R2 reject",
    },
    Row {
        code: Code::AlreadyRefunded,
        shows: Shows::Applies,
        when: "an earlier charge went back in full",
        charge: 2,
        change: |w| w.charge(2).refunded = sek(24_900),
        expect: "already_refunded R2 reject",
    },
    Row {
        code: Code::AlreadyRefunded,
        shows: Shows::Fails,
        when: "a part went back, and the rest is left",
        charge: 3,
        change: |w| w.charge(3).refunded = sek(10_000),
        expect: "latest_charge R2 refund 149.00",
    },
    Row {
        code: Code::AlreadyRefunded,
        shows: Shows::Boundary,
        when: "one öre is left",
        charge: 3,
        change: |w| w.charge(3).refunded = sek(24_899),
        expect: "latest_charge R2 refund 0.01",
    },
    Row {
        code: Code::AlreadyRefunded,
        shows: Shows::Boundary,
        when: "the provider reports more refunded than was charged",
        charge: 3,
        change: |w| w.charge(3).refunded = sek(24_901),
        expect: "already_refunded R2 reject",
    },
    Row {
        code: Code::AlreadyRefunded,
        shows: Shows::Precedence,
        when: "it went back in full and was charged after the request",
        charge: 3,
        change: |w| {
            w.charge(3).refunded = sek(24_900);
            w.ask("2026-10-20T00:00:00Z");
        },
        expect: "already_refunded R2 reject",
    },
    Row {
        code: Code::AlreadyRefunded,
        shows: Shows::Precedence,
        when: "it went back in full, outside the window, delivered",
        charge: 3,
        change: |w| {
            w.charge(3).refunded = sek(24_900);
            w.charge(3).delivery = report(10, 10);
            w.ask("2026-11-30T00:00:00Z");
        },
        expect: "already_refunded R2 reject",
    },
];

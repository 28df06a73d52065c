//! Rows for which charge is the latest, and when it was asked for.

use super::tests::{Row, Shows};
use super::{Code, InitialCharge};
use crate::cancellation::fixtures::{at, invoice, month, report, sek};
use crate::charge::ChargeKind;
use crate::event::DisputeStanding;

pub(super) const ROWS: &[Row] = &[
    Row {
        code: Code::ChargedAfterRequest,
        shows: Shows::Applies,
        when: "a renewal was paid after the request",
        charge: 3,
        change: |w| w.ask("2026-10-31T23:00:00Z"),
        expect: "charged_after_request R6 refund 249.00",
    },
    Row {
        code: Code::ChargedAfterRequest,
        shows: Shows::Applies,
        when: "part of the late renewal went back already",
        charge: 3,
        change: |w| {
            w.charge(3).refunded = sek(4_900);
            w.ask("2026-10-31T23:00:00Z");
        },
        expect: "charged_after_request R6 refund 200.00",
    },
    Row {
        code: Code::ChargedAfterRequest,
        shows: Shows::Fails,
        when: "the late charge is a proration",
        charge: 3,
        change: |w| {
            w.charge(3).kind = ChargeKind::Other;
            w.ask("2026-10-31T23:00:00Z");
        },
        expect: "not_recurring R2 reject",
    },
    Row {
        code: Code::ChargedAfterRequest,
        shows: Shows::Boundary,
        when: "it was paid one microsecond after the request",
        charge: 3,
        change: |w| w.ask("2026-11-01T08:59:59.999999Z"),
        expect: "charged_after_request R6 refund 249.00",
    },
    Row {
        code: Code::ChargedAfterRequest,
        shows: Shows::Boundary,
        when: "it was paid at the very moment of the request",
        charge: 3,
        change: |w| w.ask("2026-11-01T09:00:00Z"),
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::ChargedAfterRequest,
        shows: Shows::Precedence,
        when: "the late renewal's period was delivered in full",
        charge: 3,
        change: |w| {
            w.charge(3).delivery = report(10, 10);
            w.ask("2026-10-31T23:00:00Z");
        },
        expect: "charged_after_request R6 refund 249.00",
    },
    Row {
        code: Code::ChargedAfterRequest,
        shows: Shows::Precedence,
        when: "a renewal after the request does not take the latest charge's place",
        charge: 2,
        change: |w| w.ask("2026-10-10T00:00:00Z"),
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::NotRecurring,
        shows: Shows::Applies,
        when: "it is a proration or a manual invoice",
        charge: 3,
        change: |w| w.charge(3).kind = ChargeKind::Other,
        expect: "not_recurring R2 reject",
    },
    Row {
        code: Code::NotRecurring,
        shows: Shows::Applies,
        when: "it is the first charge, and the policy judges that as an order",
        charge: 1,
        change: |w| {
            w.facts.charges.truncate(1);
            w.policy.initial_charge = InitialCharge::Order;
            w.ask("2026-09-02T00:00:00Z");
        },
        expect: "not_recurring R2 reject",
    },
    Row {
        code: Code::NotRecurring,
        shows: Shows::Fails,
        when: "it is the first charge, and the policy judges that as recurring",
        charge: 1,
        change: |w| {
            w.facts.charges.truncate(1);
            w.ask("2026-09-02T00:00:00Z");
        },
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::NotRecurring,
        shows: Shows::Boundary,
        when: "the first charge is an order's, and this is the first renewal",
        charge: 2,
        change: |w| {
            w.facts.charges.truncate(2);
            w.policy.initial_charge = InitialCharge::Order;
            w.ask("2026-10-02T00:00:00Z");
        },
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::NotRecurring,
        shows: Shows::Boundary,
        when: "a proration came after it and does not take its place",
        charge: 2,
        change: |w| {
            w.charge(3).kind = ChargeKind::Other;
            w.charge(3).paid_at = Some(at("2026-10-05T00:00:00Z"));
            w.ask("2026-10-10T00:00:00Z");
        },
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::NotRecurring,
        shows: Shows::Precedence,
        when: "a proration is old and delivered",
        charge: 1,
        change: |w| {
            w.charge(1).kind = ChargeKind::Other;
            w.charge(1).delivery = report(10, 10);
        },
        expect: "not_recurring R2 reject",
    },
    Row {
        code: Code::EarlierPeriod,
        shows: Shows::Applies,
        when: "a later renewal was paid",
        charge: 2,
        change: |_| {},
        expect: "earlier_period R3 reject",
    },
    Row {
        code: Code::EarlierPeriod,
        shows: Shows::Applies,
        when: "the latest was refunded in full: no older one is promoted",
        charge: 2,
        change: |w| w.charge(3).refunded = sek(24_900),
        expect: "earlier_period R3 reject",
    },
    Row {
        code: Code::EarlierPeriod,
        shows: Shows::Applies,
        when: "the latest is disputed: no older one is promoted",
        charge: 2,
        change: |w| w.charge(3).dispute = DisputeStanding::Blocks,
        expect: "earlier_period R3 reject",
    },
    Row {
        code: Code::EarlierPeriod,
        shows: Shows::Applies,
        when: "an old invoice was paid late, after a newer period's",
        charge: 2,
        change: |w| w.charge(2).paid_at = Some(at("2026-11-09T00:00:00Z")),
        expect: "earlier_period R3 reject",
    },
    Row {
        code: Code::EarlierPeriod,
        shows: Shows::Fails,
        when: "it paid the same invoice as the latest",
        charge: 2,
        change: |w| {
            let latest = w.charge(3).clone();
            w.charge(2).invoice = latest.invoice;
            w.charge(2).period = latest.period;
            w.charge(2).paid_at = latest.paid_at;
        },
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::EarlierPeriod,
        shows: Shows::Boundary,
        when: "another invoice's period ends with it and was paid a microsecond later",
        charge: 3,
        change: |w| w.add(4, 3).paid_at = Some(at("2026-11-01T09:00:00.000001Z")),
        expect: "earlier_period R3 reject",
    },
    Row {
        code: Code::EarlierPeriod,
        shows: Shows::Boundary,
        when: "another invoice's period ends a microsecond before its own",
        charge: 3,
        change: |w| {
            let start = month(2).start();
            let end = month(2).end().saturating_add_micros(-1);
            let added = w.add(4, 3);
            added.period = crate::time::BillingPeriod::new(start, end).ok();
            added.paid_at = Some(at("2026-11-02T00:00:00Z"));
        },
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::EarlierPeriod,
        shows: Shows::Precedence,
        when: "an earlier charge is also outside the window and delivered",
        charge: 1,
        change: |w| w.charge(1).delivery = report(10, 10),
        expect: "earlier_period R3 reject",
    },
    Row {
        code: Code::OutsideWindow,
        shows: Shows::Applies,
        when: "the request came three weeks after the payment",
        charge: 3,
        change: |w| w.ask("2026-11-22T09:00:00Z"),
        expect: "outside_window R5 reject",
    },
    Row {
        code: Code::OutsideWindow,
        shows: Shows::Fails,
        when: "the policy's window is longer",
        charge: 3,
        change: |w| {
            w.policy.refund_window = super::RefundWindow::parse("30d").unwrap();
            w.ask("2026-11-22T09:00:00Z");
        },
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::OutsideWindow,
        shows: Shows::Boundary,
        when: "the request came in the window's last second, which counts",
        charge: 3,
        change: |w| w.ask("2026-11-15T09:00:00Z"),
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::OutsideWindow,
        shows: Shows::Boundary,
        when: "the request came one second later",
        charge: 3,
        change: |w| w.ask("2026-11-15T09:00:01Z"),
        expect: "outside_window R5 reject",
    },
    Row {
        code: Code::OutsideWindow,
        shows: Shows::Boundary,
        when: "the request came one microsecond later",
        charge: 3,
        change: |w| w.ask("2026-11-15T09:00:00.000001Z"),
        expect: "outside_window R5 reject",
    },
    Row {
        code: Code::OutsideWindow,
        shows: Shows::Boundary,
        when: "one of two payments of the invoice was made in time: each by its own time",
        charge: 4,
        change: |w| {
            let second = w.add(4, 3);
            second.invoice = invoice("in_3");
            second.paid_at = Some(at("2026-11-03T00:00:00Z"));
            w.ask("2026-11-16T00:00:00Z");
        },
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::OutsideWindow,
        shows: Shows::Precedence,
        when: "it is outside the window and delivered",
        charge: 3,
        change: |w| {
            w.charge(3).delivery = report(10, 10);
            w.ask("2026-12-02T00:00:00Z");
        },
        expect: "outside_window R5 reject",
    },
];

//! Rows for what was delivered of the latest charge's period.

use super::tests::{Row, Shows};
use super::{Code, PartlyDelivered, RefundWindow};
use crate::cancellation::fixtures::{World, invoice, report, sek};
use crate::cancellation::{Completion, Delivery};

/// A window so long that the period's end can be looked at by itself.
fn long_window(world: &mut World) {
    world.policy.refund_window = RefundWindow::parse("60d").unwrap();
}

/// The latest invoice, 249.00, paid by 100.00 (charge 3) and 149.00 (charge 4).
fn in_two_payments(world: &mut World) {
    world.charge(3).amount = sek(10_000);
    let second = world.add(4, 3);
    second.amount = sek(14_900);
    second.invoice = invoice("in_3");
}

pub(super) const ROWS: &[Row] = &[
    Row {
        code: Code::PeriodDelivered,
        shows: Shows::Applies,
        when: "all units were delivered",
        charge: 3,
        change: |w| w.charge(3).delivery = report(10, 10),
        expect: "period_delivered R4 reject",
    },
    Row {
        code: Code::PeriodDelivered,
        shows: Shows::Applies,
        when: "the report says that it is completed, whatever the units",
        charge: 3,
        change: |w| {
            let completed = Completion::Completed;
            w.charge(3).delivery = Some(Delivery {
                ordered: 10,
                delivered: 4,
                completed,
            });
        },
        expect: "period_delivered R4 reject",
    },
    Row {
        code: Code::PeriodDelivered,
        shows: Shows::Applies,
        when: "a part was delivered, and the policy rejects that",
        charge: 3,
        change: |w| {
            w.policy.partly_delivered = PartlyDelivered::Reject;
            w.charge(3).delivery = report(10, 1);
        },
        expect: "period_delivered R4 reject",
    },
    Row {
        code: Code::PeriodDelivered,
        shows: Shows::Fails,
        when: "the period is over, and the report says that nothing was delivered",
        charge: 3,
        change: |w| {
            long_window(w);
            w.charge(3).delivery = report(10, 0);
            w.ask("2026-12-05T00:00:00Z");
        },
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::PeriodDelivered,
        shows: Shows::Fails,
        when: "there is neither a report nor a period",
        charge: 3,
        change: |w| {
            w.facts
                .charges
                .retain(|c| c.charge == crate::cancellation::fixtures::id(3));
            w.charge(3).period = None;
        },
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::PeriodDelivered,
        shows: Shows::Boundary,
        when: "without a report, the request came at the end of the period",
        charge: 3,
        change: |w| {
            long_window(w);
            w.ask("2026-12-01T08:00:00Z");
        },
        expect: "period_delivered R4 reject",
    },
    Row {
        code: Code::PeriodDelivered,
        shows: Shows::Boundary,
        when: "without a report, the request came in the period's last second",
        charge: 3,
        change: |w| {
            long_window(w);
            w.ask("2026-12-01T07:59:59Z");
        },
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::PeriodDelivered,
        shows: Shows::Boundary,
        when: "more was delivered than ordered",
        charge: 3,
        change: |w| w.charge(3).delivery = report(10, 11),
        expect: "period_delivered R4 reject",
    },
    Row {
        code: Code::PeriodDelivered,
        shows: Shows::Boundary,
        when: "what was not delivered is worth less than half an öre",
        charge: 3,
        change: |w| w.charge(3).delivery = report(50_000, 49_999),
        expect: "period_delivered R4 reject",
    },
    Row {
        code: Code::PeriodDelivered,
        shows: Shows::Precedence,
        when: "the report for one payment counts for the other payment of its invoice",
        charge: 4,
        change: |w| {
            in_two_payments(w);
            w.charge(3).delivery = report(10, 10);
        },
        expect: "period_delivered R4 reject",
    },
    Row {
        code: Code::LatestChargePartlyDelivered,
        shows: Shows::Applies,
        when: "three of ten units were delivered",
        charge: 3,
        change: |w| w.charge(3).delivery = report(10, 3),
        expect: "latest_charge_partly_delivered R4 partial_refund 174.30",
    },
    Row {
        code: Code::LatestChargePartlyDelivered,
        shows: Shows::Applies,
        when: "the period is over, and a part was delivered",
        charge: 3,
        change: |w| {
            long_window(w);
            w.charge(3).delivery = report(4, 1);
            w.ask("2026-12-05T00:00:00Z");
        },
        expect: "latest_charge_partly_delivered R4 partial_refund 186.75",
    },
    Row {
        code: Code::LatestChargePartlyDelivered,
        shows: Shows::Fails,
        when: "a part was delivered, and the policy refunds all of it then",
        charge: 3,
        change: |w| {
            w.policy.partly_delivered = PartlyDelivered::Full;
            w.charge(3).delivery = report(10, 3);
        },
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::LatestChargePartlyDelivered,
        shows: Shows::Fails,
        when: "nothing was delivered yet",
        charge: 3,
        change: |w| w.charge(3).delivery = report(10, 0),
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::LatestChargePartlyDelivered,
        shows: Shows::Boundary,
        when: "all but the last unit was delivered",
        charge: 3,
        change: |w| w.charge(3).delivery = report(1_000, 999),
        expect: "latest_charge_partly_delivered R4 partial_refund 0.25",
    },
    Row {
        code: Code::LatestChargePartlyDelivered,
        shows: Shows::Boundary,
        when: "the share is half an öre, which is rounded up",
        charge: 3,
        change: |w| {
            w.charge(3).amount = sek(101);
            w.charge(3).delivery = report(2, 1);
        },
        expect: "latest_charge_partly_delivered R4 partial_refund 0.51",
    },
    Row {
        code: Code::LatestChargePartlyDelivered,
        shows: Shows::Boundary,
        when: "the share is more than what is left: what is left",
        charge: 3,
        change: |w| {
            w.charge(3).delivery = report(10, 3);
            w.charge(3).refunded = sek(20_000);
        },
        expect: "latest_charge_partly_delivered R4 partial_refund 49.00",
    },
    Row {
        code: Code::LatestChargePartlyDelivered,
        shows: Shows::Boundary,
        when: "the first of two payments gets its part of the invoice's third",
        charge: 3,
        change: |w| {
            in_two_payments(w);
            w.charge(3).delivery = report(3, 2);
        },
        expect: "latest_charge_partly_delivered R4 partial_refund 33.33",
    },
    Row {
        code: Code::LatestChargePartlyDelivered,
        shows: Shows::Boundary,
        when: "the second payment gets the rest, so that both make 83.00",
        charge: 4,
        change: |w| {
            in_two_payments(w);
            w.charge(3).delivery = report(3, 2);
        },
        expect: "latest_charge_partly_delivered R4 partial_refund 49.67",
    },
    Row {
        code: Code::LatestChargePartlyDelivered,
        shows: Shows::Precedence,
        when: "a part was delivered, and the request came too late",
        charge: 3,
        change: |w| {
            w.charge(3).delivery = report(10, 3);
            w.ask("2026-11-15T09:00:01Z");
        },
        expect: "outside_window R5 reject",
    },
    Row {
        code: Code::LatestCharge,
        shows: Shows::Applies,
        when: "nothing stands against it",
        charge: 3,
        change: |_| {},
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::LatestCharge,
        shows: Shows::Applies,
        when: "each payment of the latest invoice goes back in full",
        charge: 4,
        change: in_two_payments,
        expect: "latest_charge R2 refund 149.00",
    },
    Row {
        code: Code::LatestCharge,
        shows: Shows::Applies,
        when: "it paid several periods ahead",
        charge: 3,
        change: |w| {
            let start = w.charge(3).period.unwrap().start();
            let end = start.saturating_add_seconds(366 * 86_400);
            w.charge(3).period = crate::time::BillingPeriod::new(start, end).ok();
        },
        expect: "latest_charge R2 refund 249.00",
    },
    Row {
        code: Code::LatestCharge,
        shows: Shows::Fails,
        when: "it is not the latest",
        charge: 1,
        change: |_| {},
        expect: "earlier_period R3 reject",
    },
    Row {
        code: Code::LatestCharge,
        shows: Shows::Boundary,
        when: "the last öre is left",
        charge: 3,
        change: |w| w.charge(3).refunded = sek(24_899),
        expect: "latest_charge R2 refund 0.01",
    },
    Row {
        code: Code::LatestCharge,
        shows: Shows::Precedence,
        when: "the latest charge is delivered",
        charge: 3,
        change: |w| w.charge(3).delivery = report(1, 1),
        expect: "period_delivered R4 reject",
    },
];

//! A delivery as a person reads it, for comparison with `fixtures/stripe/expected.txt`.

use crate::{Contents, Delivery, Observation};
use avstem_domain::dispute::{DisputeFact, DisputeMovement};
use avstem_domain::event::{Fact, InvoicePaymentFact};
use std::fmt::{Debug, Write};

pub(super) fn of(name: &str, delivery: &Delivery) -> String {
    let mut text = format!(
        "{name}\n  {} {} {:?}\n",
        delivery.kind,
        delivery.created,
        delivery.livemode.unwrap()
    );
    match &delivery.contents {
        Contents::Unrecognised => text.push_str("  nothing\n"),
        Contents::Facts(observations) => observations.iter().for_each(|o| fact(&mut text, o)),
    }
    text
}

fn fact(text: &mut String, Observation { version, fact }: &Observation) {
    assert!(version.tie.starts_with("evt_1SaAaA"), "{version:?}");
    let over = if version.terminal { " (over)" } else { "" };
    match fact {
        Fact::Customer(c) => {
            let locale = c.locale.as_deref().unwrap_or("-");
            writeln!(text, "  customer {}{over}: {:?}, {}, {locale}", c.id, c.deleted, list(&[&c.email, &c.name]))
        }
        Fact::Subscription(s) => writeln!(
            text,
            "  subscription {}{over}: {:?}, {:?}, {}\n    {} {} every {}; period {}; trial to {}; created {}\n    cancel at {}, asked {}, ended {}",
            s.id, s.status, s.renewal, s.customer, s.plan.as_deref().unwrap_or("-"), opt(&s.price),
            s.interval.map_or("-".to_owned(), |i| format!("{} {:?}", i.count, i.unit)),
            opt(&s.current_period), opt(&s.trial_end), s.created, opt(&s.cancel_at), opt(&s.canceled_at), opt(&s.ended_at),
        ),
        Fact::Invoice(i) => writeln!(
            text,
            "  invoice {}{over}: {:?}, {:?}, {}, {:?}\n    {} of which tax {}; period {}; paid {}; created {}",
            i.id, i.status, i.reason, opt(&i.customer), i.subscriptions, i.total, i.tax, opt(&i.period), opt(&i.paid_at), i.created,
        ),
        Fact::InvoicePayment(InvoicePaymentFact { invoice, payment, paid_at }) => {
            writeln!(text, "  invoice payment{over}: {payment:?} pays {invoice}, paid {}", opt(paid_at))
        }
        Fact::Charge(c) => writeln!(
            text,
            "  charge {}{over}: {:?}, {:?}, {}, {}\n    {}, refunded {}; invoice {:?}; created {}",
            c.id, c.status, c.dispute, opt(&c.customer), opt(&c.payment), c.amount, c.refunded, c.invoice, c.created,
        ),
        Fact::Refund(r) => writeln!(
            text,
            "  refund {}{over}: {:?}, {} of {} ({}); ours {}; reason {}; created {}",
            r.id, r.status, r.amount, opt(&r.charge), opt(&r.payment), opt(&r.ours), r.failure_reason.as_deref().unwrap_or("-"), r.created,
        ),
        Fact::Dispute(d) => writeln!(
            text,
            "  dispute {}{over}: {}, {:?}, {} of {} ({}); reason {}; evidence by {}; created {}\n    moved {}",
            d.id, d.status, d.refundability, d.amount, opt(&d.charge), opt(&d.payment), d.reason.as_deref().unwrap_or("-"),
            opt(&d.evidence_due_at), d.created, movements(d),
        ),
        Fact::Payout(p) => writeln!(
            text,
            "  payout {}{over}: {}, {:?}, {}, arrives {}; {:?}; trace {}; shown as {}; failure {}; of {}, reversed by {}; created {}",
            p.id, p.status, p.automatic, p.amount, p.arrival_date, p.reconciliation, p.trace_id.as_deref().unwrap_or("-"),
            p.statement_descriptor.as_deref().unwrap_or("-"), p.failure_code.as_deref().unwrap_or("-"), opt(&p.original), opt(&p.reversed_by), p.created,
        ),
    }
    .unwrap();
}

fn movements(dispute: &DisputeFact) -> String {
    let moved = |m: &DisputeMovement| {
        format!(
            "{} {:?} {} fee {} at {}",
            m.id, m.direction, m.amount, m.fee, m.at
        )
    };
    let all: Vec<String> = dispute.movements.iter().map(moved).collect();
    if all.is_empty() {
        "nothing".to_owned()
    } else {
        all.join(", ")
    }
}

fn opt<T: Debug>(value: &Option<T>) -> String {
    value.as_ref().map_or("-".to_owned(), |v| format!("{v:?}"))
}

fn list(texts: &[&Option<String>]) -> String {
    texts
        .iter()
        .map(|t| t.as_deref().unwrap_or("-"))
        .collect::<Vec<_>>()
        .join(", ")
}

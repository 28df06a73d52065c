//! What others do at the worst moment.

use avstem_simulator::{Action, CallMatch, DisputeTerms, Exchange, Fault, Plan, Simulator};
use avstem_webhooks::outbound::Method;

use crate::world::{
    BEARER, call, charged, get, kinds_since, monthly, pass, refund_request, request,
};

fn refunds() -> CallMatch {
    CallMatch::next(Method::Post, "/v1/refunds")
}

fn read_charge() -> CallMatch {
    CallMatch::next(Method::Get, "/v1/charges/*")
}

/// Lets the action happen right before a call that only reads; returns the events it caused.
fn act(sim: &mut Simulator, charge: &str, action: Action) -> Vec<String> {
    let before = sim.all_events().len();
    sim.faults().before(read_charge(), action);
    get(sim, &format!("/v1/charges/{charge}"));
    kinds_since(sim, before)
}

#[test]
fn a_renewal_goes_through_its_stages_between_calls() {
    let (mut sim, charge, subscription) = charged();
    let newest = |sim: &Simulator| {
        let invoice = sim.invoices_of(&subscription).pop().unwrap();
        let charge = sim.charges_of(&subscription).pop().unwrap();
        (invoice.status, charge.status)
    };
    let of = || subscription.clone();
    act(
        &mut sim,
        &charge,
        Action::StartRenewal { subscription: of() },
    );
    assert_eq!(newest(&sim), ("draft", "succeeded"));
    act(
        &mut sim,
        &charge,
        Action::OpenRenewal { subscription: of() },
    );
    assert_eq!(newest(&sim), ("open", "succeeded"));
    act(
        &mut sim,
        &charge,
        Action::ProcessRenewal { subscription: of() },
    );
    assert_eq!(newest(&sim), ("open", "pending"));
    assert_eq!(sim.money_moved().len(), 1);
    act(&mut sim, &charge, Action::PayRenewal { subscription: of() });
    assert_eq!(newest(&sim), ("paid", "succeeded"));
    assert_eq!(sim.invoices_of(&subscription).len(), 2);
    assert_eq!(sim.charges_of(&subscription).len(), 2);
    assert_eq!(sim.money_moved().len(), 2);
}

#[test]
fn an_open_renewal_is_collected_in_an_hour_unless_it_is_voided() {
    for voided in [false, true] {
        let (mut sim, charge, subscription) = charged();
        let open = Action::OpenRenewal {
            subscription: subscription.clone(),
        };
        act(&mut sim, &charge, open);
        let invoice = sim.invoices_of(&subscription).pop().unwrap().id;
        let shown = get(&mut sim, &format!("/v1/invoices/{invoice}"));
        let attempt = sim.now().unix_seconds() + 3_600;
        assert_eq!(shown["next_payment_attempt"], attempt);
        if voided {
            let target = format!("/v1/invoices/{invoice}/void");
            assert_eq!(call(&mut sim, &request(Method::Post, &target)).0, 200);
        }
        pass(&mut sim, 3_599);
        assert_eq!(sim.money_moved().len(), 1);
        pass(&mut sim, 1);
        assert_eq!(sim.money_moved().len(), if voided { 1 } else { 2 });
    }
}

#[test]
fn customers_and_staff_act_between_calls() {
    let (mut sim, charge, subscription) = charged();
    let of = || subscription.clone();
    let dearer = Plan {
        name: "Family".to_owned(),
        amount_minor: 25_000,
        ..monthly()
    };
    let upgrade = Action::Upgrade {
        subscription: of(),
        plan: dearer,
    };
    assert!(act(&mut sim, &charge, upgrade).contains(&"charge.succeeded".to_owned()));
    let again = Action::Resubscribe { subscription: of() };
    let kinds = act(&mut sim, &charge, again);
    assert_eq!(kinds[0], "customer.subscription.created");
    let end = Action::DashboardCancelAtPeriodEnd { subscription: of() };
    act(&mut sim, &charge, end);
    let ends = |sim: &Simulator| {
        let view = sim.subscription_view(&subscription).unwrap();
        view.cancel_at_period_end
    };
    assert!(ends(&sim));
    act(
        &mut sim,
        &charge,
        Action::DashboardUncancel { subscription: of() },
    );
    assert!(!ends(&sim));
    act(
        &mut sim,
        &charge,
        Action::DashboardCancel { subscription: of() },
    );
    let view = sim.subscription_view(&subscription).unwrap();
    assert_eq!(view.status, "canceled");
}

#[test]
fn banks_act_between_calls() {
    let (mut sim, charge, _) = charged();
    let of = || charge.clone();
    let kinds = act(&mut sim, &charge, Action::OpenInquiry { charge: of() });
    assert_eq!(kinds[0], "charge.dispute.created");
    let refund = Action::DashboardRefund {
        charge: of(),
        amount_minor: Some(500),
    };
    act(&mut sim, &charge, refund);
    let fail = Action::FailNewestRefund { charge: of() };
    assert_eq!(act(&mut sim, &charge, fail)[0], "refund.failed");
    let terms = DisputeTerms {
        amount_minor: Some(2_000),
        ..DisputeTerms::default()
    };
    let part = Action::OpenDisputeOf {
        charge: of(),
        terms,
    };
    act(&mut sim, &charge, part);
    act(&mut sim, &charge, Action::OpenDispute { charge: of() });
    let disputes = sim.disputes_of(&charge);
    let told: Vec<_> = disputes
        .iter()
        .map(|dispute| (dispute.status, dispute.amount_minor))
        .collect();
    assert_eq!(
        told,
        [
            ("warning_needs_response", 12_500),
            ("needs_response", 2_000),
            ("needs_response", 10_500)
        ]
    );
}

#[test]
fn an_action_after_a_call_comes_when_its_effect_is_there_but_not_in_its_answer() {
    let (mut sim, charge, _) = charged();
    let fail = || Action::FailNewestRefund {
        charge: charge.clone(),
    };
    sim.faults().after(refunds(), fail());
    let (status, body) = call(&mut sim, &refund_request(&charge, 100, "k1"));
    assert_eq!((status, &body["status"]), (200, &"succeeded".into()));
    assert_eq!(sim.refunds_of(&charge)[0].status, "failed");
    sim.faults().before(refunds(), fail());
    call(&mut sim, &refund_request(&charge, 100, "k2"));
    assert_eq!(sim.refunds_of(&charge)[1].status, "succeeded");
    sim.faults()
        .on(refunds(), Fault::LoseAnswerAfterEffect)
        .after(refunds(), fail());
    let order = refund_request(&charge, 100, "k3");
    assert_eq!(sim.handle(&order, Some(BEARER)), Exchange::Lost);
    assert_eq!(sim.refunds_of(&charge)[2].status, "failed");
}

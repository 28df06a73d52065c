//! Disputes: what banks take and give back, and what that means for refunding a charge.

use crate::story::{balances_of, events_in, events_of, journal_kinds, receive_all};
use crate::tellings::{all_orders_agree, pass, subscribed};
use crate::world::World;
use avstem::app::disputes::{self, DisputeView, Filter};
use avstem::app::process_events;
use avstem_domain::refund_policy::Code;
use avstem_simulator::{DisputeTerms, PaymentBehavior, Shape, Simulator};

const PROVIDER: &str = "assets:provider:stripe";
const DISPUTED: &str = "assets:disputed:stripe";
const VAT: &str = "liabilities:vat";
const DEFERRED: &str = "liabilities:deferred_revenue";
const FEES: &str = "expenses:dispute_fees";
const LOSSES: &str = "expenses:dispute_losses";

/// A charge of 249.01, and what banks do about it.
fn story_of(
    shape: Shape,
    kinds: &[&str],
    happen: impl FnOnce(&mut Simulator, &str),
) -> Vec<String> {
    let (mut provider, _, charge) = subscribed(shape, PaymentBehavior::Succeeds);
    pass(&mut provider, 60);
    happen(&mut provider, &charge);
    events_of(&provider, kinds)
}

fn a_lost_dispute_in_every_order(world: &mut World) {
    let kinds = [
        "charge.succeeded",
        "invoice.paid",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ];
    let story = story_of(Shape::Classic, &kinds, |provider, charge| {
        let dispute = provider.open_dispute(charge).unwrap();
        pass(provider, 86_400);
        assert!(provider.lose_dispute(&dispute));
    });
    let expected = [
        (PROVIDER, -15_000),
        (FEES, 15_000),
        (LOSSES, 4_980),
        (VAT, -4_980),
    ];
    all_orders_agree(world, &story, &expected);
}

fn a_won_dispute_in_every_order(world: &mut World) {
    let kinds = [
        "charge.succeeded",
        "invoice.paid",
        "charge.dispute.created",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ];
    let story = story_of(Shape::Classic, &kinds, |provider, charge| {
        let dispute = provider.open_dispute(charge).unwrap();
        pass(provider, 86_400);
        assert!(provider.win_dispute(&dispute));
    });
    let expected = [
        (PROVIDER, 9_901),
        (FEES, 15_000),
        (DEFERRED, -19_921),
        (VAT, -4_980),
    ];
    all_orders_agree(world, &story, &expected);
}

/// The loss is learned before or after the charge, its link, and a refund of a part.
fn a_partly_refunded_charge_that_is_lost_in_every_order(world: &mut World) {
    let kinds = [
        "charge.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "refund.created",
        "charge.dispute.closed",
    ];
    let story = story_of(Shape::Newer, &kinds, |provider, charge| {
        provider.dashboard_refund(charge, Some(10_000)).unwrap();
        pass(provider, 60);
        let dispute = provider.open_dispute(charge).unwrap();
        pass(provider, 86_400);
        assert!(provider.lose_dispute(&dispute));
    });
    // 249.01 − 100.00 back; of its 49.80 VAT 20.00 went with the refund, the rest is lost.
    let expected = [
        (PROVIDER, -15_000),
        (FEES, 15_000),
        (LOSSES, 2_980),
        (VAT, -2_980),
    ];
    all_orders_agree(world, &story, &expected);
}

/// Lost, appealed, won after all: the loss is turned back.
fn an_appeal_turns_a_loss_back(world: &mut World) {
    let (mut provider, _, charge) = subscribed(Shape::Classic, PaymentBehavior::Succeeds);
    let dispute = provider.open_dispute(&charge).unwrap();
    pass(&mut provider, 3_600);
    assert!(provider.lose_dispute(&dispute));
    pass(&mut provider, 3_600);
    assert!(provider.appeal_dispute(&dispute));
    pass(&mut provider, 3_600);
    assert!(provider.win_dispute_and_fee(&dispute));
    let bodies: Vec<String> = provider
        .all_events()
        .iter()
        .map(|event| String::from_utf8(event.body.clone()).unwrap())
        .collect();
    for body in &bodies {
        receive_all(world, std::slice::from_ref(body));
        world.process();
    }
    let expected = [(PROVIDER, 24_901), (DEFERRED, -19_921), (VAT, -4_980)];
    let told = balances_of(world, &bodies);
    let expected = expected.map(|(account, sum)| (account.to_owned(), sum));
    assert_eq!(told, expected.into_iter().collect());
    let kinds = journal_kinds(world, &bodies);
    let disputes: Vec<&str> = kinds
        .iter()
        .map(String::as_str)
        .filter(|kind| kind.starts_with("dispute"))
        .collect();
    assert_eq!(
        disputes,
        [
            "dispute_withdrawn",
            "dispute_lost",
            "dispute_loss_reversed",
            "dispute_reinstated"
        ]
    );
}

fn a_dispute_waits_for_its_charge(world: &mut World) {
    let kinds = ["charge.dispute.created", "charge.succeeded"];
    let story = story_of(Shape::Classic, &kinds, |provider, charge| {
        provider.open_dispute(charge).unwrap();
    });
    receive_all(world, &story[..1]);
    assert_eq!(world.process().parked, 1);
    let why = events_in(world, "parked").remove(0).error.unwrap();
    assert!(
        why.starts_with("waits for charge ch_") && why.contains("of dispute du_"),
        "{why}"
    );
    receive_all(world, &story[1..]);
    let done = process_events::drain(&world.app).unwrap();
    assert_eq!((done.processed, done.parked), (2, 0));
    assert_eq!(world.balance(DISPUTED), "249.01");
}

/// All disputes of a subscription's charge, oldest first.
fn disputes_of(world: &World, charge: &str) -> Vec<DisputeView> {
    let filter = Filter {
        charge: Some(charge.to_owned()),
        ..Filter::default()
    };
    let mut found = disputes::list(&world.app, &filter, 100).unwrap();
    found.reverse();
    found
}

/// The verdict about the latest charge, were it canceled now.
fn verdict_now(world: &World, subscription: &str) -> Code {
    use avstem::app::cancellation;
    use avstem_domain::cancellation::RefundChoice;
    let previewed = cancellation::preview(&world.app, subscription, RefundChoice::Policy).unwrap();
    previewed.plan.verdicts[0].code
}

type Happen = fn(&mut Simulator, &str);

/// Each kind of dispute, and the verdict about the latest charge while it stands.
const DISPUTES: [(&str, Happen, Code); 8] = [
    (
        "an inquiry",
        |p, c| drop(p.open_inquiry(c)),
        Code::LatestCharge,
    ),
    (
        "an inquiry that was closed",
        |p, c| {
            let inquiry = p.open_inquiry(c).unwrap();
            p.close_inquiry(&inquiry);
        },
        Code::LatestCharge,
    ),
    (
        "an inquiry that became a dispute",
        |p, c| {
            let inquiry = p.open_inquiry(c).unwrap();
            p.escalate_inquiry(&inquiry);
        },
        Code::Disputed,
    ),
    ("a dispute", |p, c| drop(p.open_dispute(c)), Code::Disputed),
    (
        "a dispute of a part",
        |p, c| {
            let terms = DisputeTerms {
                amount_minor: Some(5_000),
                ..DisputeTerms::default()
            };
            p.open_dispute_of(c, terms).unwrap();
        },
        Code::Disputed,
    ),
    (
        "one prevented",
        |p, c| drop(p.prevent_dispute(c)),
        Code::Disputed,
    ),
    (
        "one lost",
        |p, c| {
            let dispute = p.open_dispute(c).unwrap();
            p.lose_dispute(&dispute);
        },
        Code::Disputed,
    ),
    (
        "an inquiry and a dispute of a part",
        |p, c| {
            p.open_inquiry(c).unwrap();
            let terms = DisputeTerms {
                amount_minor: Some(5_000),
                ..DisputeTerms::default()
            };
            p.open_dispute_of(c, terms).unwrap();
        },
        Code::Disputed,
    ),
];

/// Each kind of dispute: whether the charge can still be refunded, before and after a cancellation has
/// asked the provider.
fn the_latest_charge_is_refunded_only_if_no_dispute_of_it_forbids(world: &mut World) {
    for (name, happen, expected) in DISPUTES {
        let (_, subscription) = world.subscribe();
        world.deliver();
        let charge = world.latest_charge(&subscription);
        happen(&mut world.provider(), &charge);
        world.deliver();
        assert_eq!(verdict_now(world, &subscription), expected, "{name}");
        let id = world.cancel(&subscription);
        let view = crate::world::settle(&world.app, world, &id, 10).unwrap();
        assert_eq!(view.verdicts[0].code, expected.as_str(), "{name}");
        assert_eq!(view.row.state, "completed", "{name}: {:?}", view.row);
        let refunds = usize::from(expected == Code::LatestCharge);
        assert_eq!(world.refunds_paid(&charge), refunds, "{name}");
        world.deliver();
        world.check_books();
    }
}

/// Its webhook has not come: the cancellation asks for the disputes of a charge that says it has some.
fn a_dispute_that_no_webhook_told_of_is_asked_for(world: &mut World) {
    let (_, subscription) = world.subscribe();
    world.deliver();
    let charge = world.latest_charge(&subscription);
    world.provider().open_inquiry(&charge).unwrap();
    let id = world.cancel(&subscription);
    let view = crate::world::settle(&world.app, world, &id, 10).unwrap();
    assert_eq!(view.verdicts[0].code, "latest_charge");
    let found = disputes_of(world, &charge);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].charge_provider_id.as_ref(), Some(&charge));
    assert_eq!(world.refunds_paid(&charge), 1);
    world.deliver();
    assert_eq!(disputes_of(world, &charge).len(), 1);
    world.check_books();
}

fn several_disputes_of_a_charge_are_each_followed(world: &mut World) {
    let (_, subscription) = world.subscribe();
    let charge = world.latest_charge(&subscription);
    let part = |amount| DisputeTerms {
        amount_minor: Some(amount),
        ..DisputeTerms::default()
    };
    let (first, second) = {
        let mut provider = world.provider();
        let first = provider.open_dispute_of(&charge, part(5_000)).unwrap();
        let second = provider.open_dispute_of(&charge, part(9_900)).unwrap();
        (first, second)
    };
    world.deliver();
    assert_eq!(world.balance(DISPUTED), "149.00");
    world.check_books();
    world.provider().win_dispute(&first);
    world.provider().lose_dispute(&second);
    world.deliver();
    let found = disputes_of(world, &charge);
    let told: Vec<(&str, i64, usize)> = found
        .iter()
        .map(|view| {
            (
                view.row.status.as_str(),
                view.row.lost,
                view.movements.len(),
            )
        })
        .collect();
    assert_eq!(told, [("won", 0, 2), ("lost", 9_900, 1)]);
    assert_eq!(world.balance(DISPUTED), "0.00");
    assert_eq!(world.balance(LOSSES), "19.80");
    world.check_books();
}

on_both_databases! {
    a_lost_dispute_in_every_order,
    a_won_dispute_in_every_order,
    a_partly_refunded_charge_that_is_lost_in_every_order,
    an_appeal_turns_a_loss_back,
    a_dispute_waits_for_its_charge,
    the_latest_charge_is_refunded_only_if_no_dispute_of_it_forbids,
    a_dispute_that_no_webhook_told_of_is_asked_for,
    several_disputes_of_a_charge_are_each_followed,
}

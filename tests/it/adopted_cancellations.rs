//! Stops that others asked for at the provider: one cancellation for each, in any order, and no right
//! taken away by them.

use crate::saga::{self, Case, Right};
use crate::story::{events_in, events_of, mark, marked, objects, orders, receive_all, storyteller};
use crate::undo::stopping;
use crate::world::{World, monthly, settle};
use avstem::app::cancellation::{self, CancellationView, UndoError, Undoing};
use avstem::store::StoreError;
use avstem::store::rows::Cancellation;
use avstem_simulator::{PaymentBehavior, Shape, Simulator};

const PATIENCE_MIN: i64 = 10;

/// What others did to a subscription (the provider's id), oldest first.
pub fn adopted(world: &World, subscription: &str) -> Vec<CancellationView> {
    let mut all = cancellation::list(&world.app, None, None, 1_000).unwrap();
    all.retain(|view| {
        view.row.origin == "provider" && view.subscription.provider_id == subscription
    });
    all.sort_by_key(|view| view.row.received_at);
    all
}

#[track_caller]
pub fn the_only(world: &World, subscription: &str) -> CancellationView {
    let mut found = adopted(world, subscription);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// How a stop stands: state, mode, when it takes effect in seconds.
fn stop(row: &Cancellation) -> (&str, Option<&str>, Option<i64>) {
    let effective_at = row.stop_effective_at.map(|at| at / 1_000_000);
    (row.state.as_str(), row.stop_mode.as_deref(), effective_at)
}

fn a_cancellation_in_the_dashboard_is_adopted_and_moves_no_money(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let now = world.clock.now();
    world.provider().dashboard_cancel(&subscription);
    world.deliver();
    let view = the_only(world, &subscription);
    let row = &view.row;
    assert_eq!(
        stop(row),
        ("completed", Some("immediate"), Some(now.unix_seconds()))
    );
    assert_eq!(
        (
            row.requested_by.as_str(),
            row.refund.as_str(),
            row.reason.as_deref()
        ),
        ("shop", "none", Some("cancellation_requested"))
    );
    for at in [Some(row.received_at), row.stop_done_at] {
        assert_eq!(at.map(|at| at / 1_000_000), Some(now.unix_seconds()));
    }
    assert!(view.verdicts.is_empty() && view.refunds.is_empty() && view.receipts.is_empty());
    assert_eq!(
        (&row.attention, &row.trouble, row.due_at),
        (&None, &None, None)
    );
    let same = |world: &World| {
        // What was read of it again is newer, and says the same.
        let mut again = the_only(world, &subscription).row;
        again.version.clone_from(&row.version);
        assert_eq!(again, *row);
    };
    world.work(5).unwrap();
    same(world);

    // The right to a refund is judged when it is asked for, as of then.
    let case = Case::ask(world, subscription.clone(), Right::LatestCharge);
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    case.assert_completed(world, "asked for after it was canceled in the dashboard");
    assert_ne!(case.cancellation, row.id);
    world.deliver();
    same(world);
    world.check_books();
}

fn an_end_with_the_period_is_one_cancellation_until_and_after_it_comes(world: &mut World) {
    let subscription = saga::outside_the_window(world);
    world.deliver();
    assert!(
        world
            .provider()
            .dashboard_cancel_at_period_end(&subscription)
    );
    world.deliver();
    let end = world.provider().subscription_view(&subscription).unwrap();
    let end = end.current_period_end.unix_seconds();
    let set = ("completed", Some("at_period_end"), Some(end));
    let first = the_only(world, &subscription).row;
    assert_eq!(stop(&first), set);
    world.pass_days(12);
    world.deliver();
    let after = the_only(world, &subscription).row;
    assert_eq!((stop(&after), &after.id), (set, &first.id));
    assert_eq!(world.charges(&subscription).len(), 1);
}

fn an_end_by_date_is_adopted_with_its_date(world: &mut World) {
    let subscription = saga::outside_the_window(world);
    world.deliver();
    let end = world.clock.now().saturating_add_seconds(3 * 86_400);
    assert!(world.provider().dashboard_cancel_at(&subscription, end));
    world.deliver();
    let set = ("completed", Some("at_period_end"), Some(end.unix_seconds()));
    assert_eq!(stop(&the_only(world, &subscription).row), set);
    world.pass_days(4);
    world.deliver();
    assert_eq!(stop(&the_only(world, &subscription).row), set);
}

/// Nobody asked for these: the provider ended them, and says why.
fn why_the_provider_ended_it_is_kept(world: &mut World) {
    let (customer, unpaid) = world.subscribe();
    let mut provider = world.provider();
    provider.set_payment_behavior(&customer, PaymentBehavior::Fails);
    drop(provider);
    world.pass_days(70);
    world.deliver();
    let row = the_only(world, &unpaid).row;
    assert_eq!(
        (row.stop_mode.as_deref(), row.reason.as_deref()),
        (Some("immediate"), Some("payment_failed"))
    );

    let disputed = saga::in_the_second_month(world);
    let charge = world.latest_charge(&disputed);
    let mut provider = world.provider();
    provider.cancel_disputed_subscriptions();
    provider.open_dispute(&charge).unwrap();
    drop(provider);
    world.deliver();
    let row = the_only(world, &disputed).row;
    assert_eq!(row.reason.as_deref(), Some("payment_disputed"));
}

fn a_subscription_that_never_began_was_not_canceled(world: &mut World) {
    let (_, subscription) = world.subscribe_to(&monthly(), PaymentBehavior::Fails);
    world.pass_days(2);
    world.deliver();
    let found = world.provider().subscription_view(&subscription).unwrap();
    assert_eq!(found.status, "incomplete_expired");
    assert!(adopted(world, &subscription).is_empty());
}

fn what_was_taken_back_there_is_undone_and_the_next_stop_is_another(world: &mut World) {
    let subscription = saga::outside_the_window(world);
    world.deliver();
    let mut told = Vec::new();
    for _ in 0..2 {
        assert!(
            world
                .provider()
                .dashboard_cancel_at_period_end(&subscription)
        );
        world.pass_seconds(5);
        world.deliver();
        assert!(world.provider().dashboard_uncancel(&subscription));
        world.pass_seconds(5);
        world.deliver();
        let states: Vec<String> = adopted(world, &subscription)
            .into_iter()
            .map(|view| view.row.state)
            .collect();
        told.push("undone");
        assert_eq!(states, told);
    }
    world.pass_days(12);
    world.deliver();
    assert_eq!(world.charges(&subscription).len(), 2, "it went on");
}

/// One that others asked for can be taken back here as well.
fn an_adopted_one_is_taken_back_through_us(world: &mut World) {
    let subscription = saga::outside_the_window(world);
    world.deliver();
    assert!(
        world
            .provider()
            .dashboard_cancel_at_period_end(&subscription)
    );
    world.pass_seconds(5);
    world.deliver();
    let row = the_only(world, &subscription).row;
    world.pass_seconds(5);
    assert_eq!(
        cancellation::undo(&world.app, &row.id).unwrap(),
        Undoing::Done
    );
    world.deliver();
    let row = the_only(world, &subscription).row;
    assert_eq!(row.state, "undone");
    assert!(row.undone_at.is_some());
    assert!(
        world.view(&row.id).receipts.is_empty(),
        "no letter told of it"
    );
    let found = world.provider().subscription_view(&subscription).unwrap();
    assert!(!found.cancel_at_period_end);
    world.provider().dashboard_cancel(&subscription);
    world.deliver();
    let now = adopted(world, &subscription).remove(1).row;
    let refused = cancellation::undo(&world.app, &now.id);
    assert!(matches!(refused, Err(UndoError::TooLate(_))), "{refused:?}");
}

/// The customer's paid period is cut short by somebody: that is told, and not as our doing.
fn a_stop_of_ours_that_others_bring_forward_is_theirs(world: &mut World) {
    let case = stopping(world);
    world.pass_seconds(60);
    let end = world.clock.now();
    world.provider().dashboard_cancel(&case.subscription);
    world.deliver();
    let view = the_only(world, &case.subscription);
    assert_eq!(
        stop(&view.row),
        ("completed", Some("immediate"), Some(end.unix_seconds()))
    );
    assert_eq!(world.view(&case.cancellation).row.state, "completed");
}

fn pass(provider: &mut Simulator, seconds: i64) {
    provider.advance_to(provider.now().saturating_add_seconds(seconds));
}

fn subscribed() -> (Simulator, String) {
    let mut provider = storyteller(Shape::Mixed);
    let customer = provider.create_customer("canary-pii-6@example.test", "Canary Person", "sv");
    let subscription = provider.subscribe(&customer, &monthly());
    pass(&mut provider, 86_400);
    (provider, subscription)
}

/// State, mode, time of asking and of effect: everything but our ids.
fn told_of(world: &World, bodies: &[String]) -> Vec<String> {
    let ids: Vec<String> = objects(bodies)["subscription"].iter().cloned().collect();
    let read = |tx: &mut avstem::store::ReadTx<'_>| {
        let rows = tx.subscriptions_by_provider_ids("stripe", &ids)?;
        let ours: Vec<String> = rows.into_iter().map(|row| row.id).collect();
        tx.cancellations_of_subscriptions(&ours)
    };
    let rows = world.app.store.read::<_, StoreError>(read).unwrap();
    let mut told: Vec<String> = rows
        .into_iter()
        .map(|mut row| {
            (row.id, row.subscription_id) = Default::default();
            format!("{row:?}")
        })
        .collect();
    told.sort();
    told
}

/// Every event by itself and again, and all at once, in every order.
fn adopted_alike_in_every_order(world: &World, story: &[String], expected: &[(&str, &str)]) {
    let mut first = None;
    let orders = orders(story.len());
    for (number, order) in orders.iter().enumerate() {
        for (way, batch) in [1, story.len()].into_iter().enumerate() {
            let mark = mark(number + way * orders.len());
            let told: Vec<String> = order.iter().map(|at| marked(&story[*at], &mark)).collect();
            for events in told.chunks(batch) {
                receive_all(world, events);
                world.process();
                receive_all(world, &told[..1]);
                world.process();
            }
            let rows: Vec<String> = told_of(world, &told)
                .into_iter()
                .map(|row| row.replace(&mark, ""))
                .collect();
            for (row, (state, mode)) in rows.iter().zip(expected) {
                let state = format!("state: \"{state}\"");
                assert!(
                    row.contains(&state) && row.contains(mode),
                    "{order:?}: {row}"
                );
            }
            assert_eq!(rows.len(), expected.len(), "{order:?}");
            let same = first.get_or_insert_with(|| rows.clone());
            assert_eq!(*same, rows, "{order:?} in batches of {batch}");
        }
    }
    for state in ["received", "parked", "failed"] {
        assert_eq!(events_in(world, state), [], "{state}");
    }
}

fn a_stop_taken_back_and_asked_for_again_in_every_order(world: &mut World) {
    let (mut provider, subscription) = subscribed();
    assert!(provider.dashboard_cancel_at_period_end(&subscription));
    pass(&mut provider, 60);
    assert!(provider.dashboard_uncancel(&subscription));
    pass(&mut provider, 60);
    let end = provider.now().saturating_add_seconds(86_400);
    assert!(provider.dashboard_cancel_at(&subscription, end));
    pass(&mut provider, 2 * 86_400);
    // The first update is the one that paid the first invoice.
    let updated = "customer.subscription.updated";
    let kinds = [
        updated,
        updated,
        updated,
        updated,
        "customer.subscription.deleted",
    ];
    let story = events_of(&provider, &kinds);
    let expected = [("completed", "at_period_end"), ("undone", "at_period_end")];
    adopted_alike_in_every_order(world, &story, &expected);
}

fn an_end_brought_forward_in_every_order(world: &mut World) {
    let (mut provider, subscription) = subscribed();
    assert!(provider.dashboard_cancel_at_period_end(&subscription));
    pass(&mut provider, 60);
    let end = provider.now().saturating_add_seconds(86_400);
    assert!(provider.dashboard_cancel_at(&subscription, end));
    pass(&mut provider, 2 * 86_400);
    let updated = "customer.subscription.updated";
    let kinds = [
        "customer.subscription.created",
        updated,
        updated,
        updated,
        "customer.subscription.deleted",
    ];
    let story = events_of(&provider, &kinds);
    // Two wishes, neither of which was taken back.
    let expected = [
        ("completed", "at_period_end"),
        ("completed", "at_period_end"),
    ];
    adopted_alike_in_every_order(world, &story, &expected);
}

on_both_databases! {
    a_cancellation_in_the_dashboard_is_adopted_and_moves_no_money,
    an_end_with_the_period_is_one_cancellation_until_and_after_it_comes,
    an_end_by_date_is_adopted_with_its_date,
    why_the_provider_ended_it_is_kept,
    a_subscription_that_never_began_was_not_canceled,
    what_was_taken_back_there_is_undone_and_the_next_stop_is_another,
    an_adopted_one_is_taken_back_through_us,
    a_stop_of_ours_that_others_bring_forward_is_theirs,
    a_stop_taken_back_and_asked_for_again_in_every_order,
    an_end_brought_forward_in_every_order,
}

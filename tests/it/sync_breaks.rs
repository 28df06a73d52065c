//! What comparing with the provider cannot heal, and what should not have happened: breaks, each once, and
//! ended when it is so no more.

use crate::rebuild::eventful::eventful;
use crate::reconciliation::open_breaks;
use crate::saga::{self, Case, Right};
use crate::stops_turned_off::turned_off;
use crate::sync::{lose_every_webhook, of, sync_all, sync_in};
use crate::world::{World, settle};
use avstem::app::api_keys::{Principal, Role};
use avstem::app::breaks::{self, Filter, Resolve};
use avstem::app::receive_webhook::{fetched, store};
use avstem::app::sync::SyncError;
use avstem_domain::breaks::Resolution;
use avstem_domain::cancellation::RefundChoice;
use avstem_webhooks::{Provider, providers};
use serde_json::{Value, json};

/// Tells us something that the provider did not say: an event of the world's, changed.
fn forge(world: &World, kind: &str, about: &str, change: impl Fn(&mut Value)) {
    let events = world.provider().all_events();
    let of = |delivery: &&avstem_simulator::WebhookDelivery| {
        let text = String::from_utf8_lossy(&delivery.body);
        delivery.kind == kind && text.contains(about)
    };
    let original = events.iter().rfind(of).expect("there is such an event");
    let mut event: Value = serde_json::from_slice(&original.body).unwrap();
    event["id"] = json!(format!("evt_forged_{}", world.clock.uuid().simple()));
    event["created"] = json!(world.clock.now().unix_seconds());
    change(&mut event);
    let connection = &world.app.config.connections["stripe"];
    let provider: &dyn Provider = providers::by_name("stripe").unwrap();
    let body = serde_json::to_vec(&event).unwrap();
    store(
        &world.app,
        &[fetched(&world.app, connection, provider, body)],
    )
    .unwrap();
    world.process();
    world.pass_seconds(60);
}

fn notes(world: &World) -> Vec<String> {
    let all = breaks::list(&world.app, &Filter::default(), 100).unwrap();
    let note = |view: &breaks::BreakView| {
        let first = breaks::history(&world.app, &view.row.id).unwrap().remove(0);
        first.note.unwrap_or_default()
    };
    all.iter().map(note).collect()
}

fn what_we_say_against_the_provider_s_word_is_a_break_until_it_is_so(world: &mut World) {
    let (_, subscription) = world.subscribe();
    world.deliver();
    forge(
        world,
        "customer.subscription.created",
        &subscription,
        |event| {
            event["type"] = json!("customer.subscription.deleted");
            event["data"]["object"]["status"] = json!("canceled");
        },
    );
    let report = sync_all(world);
    assert_eq!(report.breaks.get("status_mismatch"), Some(&1));
    let expected = format!("status_mismatch {subscription} 0.00 249.00");
    assert_eq!(open_breaks(&world.app), [expected.as_str()]);
    assert_eq!(
        notes(world),
        ["our records have it as canceled, and the provider has it as active"]
    );
    sync_all(world);
    assert_eq!(open_breaks(&world.app), [expected], "once");
    world.provider().dashboard_cancel(&subscription);
    let report = sync_all(world);
    assert!(report.breaks.is_empty(), "{report:?}");
    assert_eq!(notes(world).len(), 1);
    world.check_ledger();
}

fn a_refund_that_no_provider_knows_is_a_break_for_a_person(world: &mut World) {
    let (_, subscription) = world.subscribe();
    world.deliver();
    let charge = world.charges(&subscription)[0].clone();
    world.provider().dashboard_refund(&charge, Some(4_900));
    world.deliver();
    forge(world, "refund.created", &charge, |event| {
        event["data"]["object"]["id"] = json!("re_forged");
        event["data"]["object"]["amount"] = json!(1_000);
    });
    sync_all(world);
    assert_eq!(
        open_breaks(&world.app),
        ["status_mismatch re_forged 10.00 0.00"]
    );
    assert_eq!(
        notes(world),
        ["our records have it as succeeded, and the provider has no such refund"]
    );
    let id = breaks::list(&world.app, &Filter::default(), 9).unwrap()[0]
        .row
        .id
        .clone();
    let decision = Resolve {
        resolution: Resolution::Explained,
        note: "a test event of ours".to_owned(),
    };
    let by = Principal {
        key: "avkey_1".to_owned(),
        role: Role::Finance,
    };
    breaks::resolve(&world.app, &id, &decision, &by).unwrap();
    let report = sync_all(world);
    assert!(report.breaks.is_empty(), "what a person settled stays so");
    assert_eq!(notes(world).len(), 1);
}

fn a_refund_outside_the_policy_is_a_break_once_and_ends_when_it_comes_back(world: &mut World) {
    let (_, subscription) = world.subscribe();
    world.deliver();
    world.pass_days(40);
    world.deliver();
    let first = world.charges(&subscription)[0].clone();
    let granted = world.charges(&subscription)[1].clone();
    let refund = world.provider().dashboard_refund(&first, None).unwrap();
    world.provider().dashboard_refund(&granted, Some(1_000));
    lose_every_webhook(world);
    // Of the second nobody tells: it is fetched, and the policy grants it.
    let report = sync_all(world);
    assert_eq!(of(&report, "refunds by others").seen, 2);
    let expected = format!("refund_outside_policy {refund} 0.00 249.00");
    assert_eq!(open_breaks(&world.app), [expected.as_str()]);
    sync_all(world);
    assert_eq!(open_breaks(&world.app), [expected]);
    assert_eq!(notes(world).len(), 1, "once");
    world.provider().fail_refund(&refund);
    let report = sync_all(world);
    assert!(report.breaks.is_empty(), "{report:?}");
    world.check_books();
}

/// The customer kept the paid period, and the stop was turned off at the provider: it renews, and nobody
/// gives that back.
fn what_is_charged_after_a_stop_is_a_break_until_it_is_given_back(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    let mut request = world.request(&subscription);
    request.refund = RefundChoice::None;
    let case = Case::ask_so(world, subscription, Right::Nothing, request);
    settle(&world.app, world, &case.cancellation, 10).unwrap();
    sync_all(world);
    assert_eq!(open_breaks(&world.app), [""; 0]);
    turned_off(world, &case);
    world.pass_days(31);
    world.deliver();
    settle(&world.app, world, &case.cancellation, 10).unwrap();
    let late = world.latest_charge(&case.subscription);
    let report = sync_all(world);
    assert_eq!(report.breaks.get("charged_after_cancellation"), Some(&1));
    let expected = format!("charged_after_cancellation {late} 0.00 249.00");
    assert_eq!(open_breaks(&world.app), [expected.as_str()]);
    world.provider().dashboard_refund(&late, Some(9_900));
    world.deliver();
    settle(&world.app, world, &case.cancellation, 10).unwrap();
    sync_all(world);
    let rest = format!("charged_after_cancellation {late} 0.00 150.00");
    assert_eq!(open_breaks(&world.app), [rest.as_str()]);
    world.provider().dashboard_refund(&late, None);
    world.deliver();
    settle(&world.app, world, &case.cancellation, 10).unwrap();
    let report = sync_all(world);
    assert!(report.breaks.is_empty(), "{report:?}");
    world.check_books();
}

/// Everything that happened in the eventful shop is judged: what was rightly given back is no break.
fn an_eventful_shop_has_no_breaks_but_those_of_its_people(world: &mut World) {
    let eventful = eventful(world);
    let report = sync_in(&world.app).unwrap();
    let others = world.lines(
        "SELECT provider_id AS line FROM refunds WHERE origin = 'provider' AND NOT policy_conform",
    );
    let outside = report.breaks.get("refund_outside_policy").copied();
    assert_eq!(outside.unwrap_or(0), i64::try_from(others.len()).unwrap());
    assert_eq!(report.breaks.get("status_mismatch"), None, "{report:?}");
    assert_eq!(
        report.breaks.get("charged_after_cancellation"),
        None,
        "{report:?}"
    );
    drop(eventful);
}

/// The key of another account knows none of our objects: that is one thing to mend, not a break for each.
fn a_key_of_another_account_raises_nothing(world: &mut World) {
    let (customer, _) = world.subscribe();
    world.provider().one_off_charge(&customer, 5_000);
    world.deliver();
    let kind = "charge.succeeded";
    for number in 0..101 {
        forge(world, kind, "ch_", |event| {
            event["data"]["object"]["id"] = json!(format!("ch_elsewhere_{number}"));
            event["data"]["object"]["payment_intent"] = json!(format!("pi_elsewhere_{number}"));
        });
    }
    let error = sync_in(&world.app).unwrap_err();
    assert!(matches!(error, SyncError::NeedsPerson { .. }), "{error:?}");
    assert!(
        error.to_string().contains("probably of another account"),
        "{error}"
    );
    assert_eq!(open_breaks(&world.app), [""; 0]);
}

on_both_databases! {
    what_we_say_against_the_provider_s_word_is_a_break_until_it_is_so,
    a_refund_that_no_provider_knows_is_a_break_for_a_person,
    a_refund_outside_the_policy_is_a_break_once_and_ends_when_it_comes_back,
    what_is_charged_after_a_stop_is_a_break_until_it_is_given_back,
    an_eventful_shop_has_no_breaks_but_those_of_its_people,
    a_key_of_another_account_raises_nothing,
}

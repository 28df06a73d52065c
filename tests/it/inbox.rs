//! The inbox: stored once, processed exactly once, whatever happens around it.

use crate::story::{
    balances_of, check_ledger, events_in, events_of, find_customer, journal_kinds, marked, outcome,
    receive_all, signed, stored, storyteller,
};
use crate::world::{World, monthly, work};
use avstem::app::Failure;
use avstem::app::process_events;
use avstem::app::receive_webhook::{self, Intake};
use avstem::app::replay_events::{self, ReplayError, Which};
use avstem::app::seams::Seams;
use avstem_simulator::Shape;

/// A subscription's first events in the classic shape, and a refund of its charge.
fn story() -> Vec<String> {
    let mut provider = storyteller(Shape::Classic);
    let customer = provider.create_customer("canary-pii-3@example.test", "Canary Person", "sv");
    let subscription = provider.subscribe(&customer, &monthly());
    let charge = provider.charges_of(&subscription)[0].id.clone();
    provider.dashboard_refund(&charge, Some(9_900)).unwrap();
    let kinds = [
        "customer.created",
        "customer.subscription.created",
        "charge.succeeded",
        "invoice.paid",
        "refund.created",
    ];
    events_of(&provider, &kinds)
}

const BOOKED: [&str; 3] = ["charge_succeeded", "refund_decided", "refund_succeeded"];

fn an_event_that_comes_twice_is_stored_once(world: &mut World) {
    let event = story().remove(2);
    let delivery = signed(world, event.as_bytes());
    assert_eq!(world.receive(&delivery), Intake::New);
    assert_eq!(world.receive(&delivery), Intake::Duplicate);
    // A redelivery counts down, and may be written differently.
    let counted = event.replace("\"pending_webhooks\": 1", "\"pending_webhooks\": 0");
    assert_ne!(counted, event);
    let compact = serde_json::from_str::<serde_json::Value>(&event)
        .unwrap()
        .to_string();
    assert_eq!(
        receive_all(world, &[counted, compact]),
        [Intake::Duplicate, Intake::Duplicate]
    );
    world.process();
    assert_eq!(world.receive(&delivery), Intake::Duplicate);
    assert_eq!(world.process().total(), 0);
    let kept = stored(world, event.as_bytes());
    assert_eq!(
        (kept.body, kept.conflict, kept.attempts),
        (event.into_bytes(), None, 1)
    );
}

fn duplicates_in_one_commit_are_told_apart(world: &mut World) {
    let story = story();
    let twice: Vec<&String> = story.iter().flat_map(|event| [event, event]).collect();
    let intake = receive_all(world, &twice);
    let expected: Vec<Intake> = story
        .iter()
        .flat_map(|_| [Intake::New, Intake::Duplicate])
        .collect();
    assert_eq!(intake, expected);
    assert_eq!(world.process().processed, story.len());
    assert_eq!(journal_kinds(world, &story), BOOKED);
}

fn another_body_under_the_same_id_is_a_conflict_and_the_first_is_kept(world: &mut World) {
    let event = story().remove(2);
    let other = event.replace("\"amount\": 24900", "\"amount\": 24800");
    assert_ne!(event, other);
    let third = event.replace("\"amount\": 24900", "\"amount\": 24700");
    assert_eq!(receive_all(world, &[&event]), [Intake::New]);
    assert_eq!(
        receive_all(world, &[&other, &third]),
        [Intake::Duplicate, Intake::Duplicate]
    );
    let kept = stored(world, event.as_bytes());
    assert_eq!(kept.body, event.as_bytes());
    let conflict = events_in(world, "received")
        .remove(0)
        .conflict
        .expect("it is shown");
    assert!(
        conflict.contains("sha256") && conflict.contains("first is kept"),
        "{conflict}"
    );
    world.process();
    assert_eq!(
        balances_of(world, &[event])["assets:provider:stripe"],
        24_900
    );
}

fn types_without_meaning_are_stored_and_ignored(world: &mut World) {
    let event = story()[0].replace("customer.created", "customer.tax_id.created");
    receive_all(world, &[&event]);
    assert_eq!(world.process().ignored, 1);
    let ignored = events_in(world, "ignored").remove(0);
    assert_eq!(
        (ignored.kind.as_deref(), ignored.error),
        (Some("customer.tax_id.created"), None)
    );
    assert!(ignored.processed_at.is_some());
    assert!(find_customer(world, &event).is_none());
}

fn another_mode_or_account_has_no_effect(world: &mut World) {
    let settings = "[connections.stripe]\nlivemode = false\naccount = \"acct_own\"\n";
    let app = world.another_process_with(Seams::default(), settings);
    let customer = story().remove(0);
    let live = customer.replace("\"livemode\": false", "\"livemode\": true");
    let of = |account: &str| {
        customer.replace(
            "\"livemode\": false",
            &format!("\"livemode\": false,\n  \"account\": {account}"),
        )
    };
    let cases = [
        (
            "live",
            live,
            Some("livemode is true, and the connection takes false"),
        ),
        (
            "other",
            of("\"acct_other\""),
            Some("belongs to account acct_other"),
        ),
        ("own", of("\"acct_own\""), None),
        ("none", of("null"), None),
        ("unnamed", customer.clone(), None),
    ];
    for (mark, event, why) in cases {
        let event = marked(&event, mark);
        receive_all(world, &[&event]);
        let done = process_events::drain(&app).unwrap();
        assert_eq!(
            (done.foreign, done.processed),
            (usize::from(why.is_some()), usize::from(why.is_none())),
            "{mark}"
        );
        assert_eq!(
            find_customer(world, &event).is_some(),
            why.is_none(),
            "{mark}"
        );
        let row = stored(world, event.as_bytes());
        assert_eq!(
            (row.state.as_str(), row.error.as_deref()),
            (
                if why.is_some() {
                    "foreign"
                } else {
                    "processed"
                },
                why
            )
        );
    }
}

fn a_customer_that_nobody_introduced_becomes_a_stub(world: &mut World) {
    let story = story();
    receive_all(world, &story[1..2]);
    assert_eq!(world.process().processed, 1);
    let stub = find_customer(world, &story[0]).expect("the subscription's customer");
    assert_eq!(
        (stub.email, stub.name, stub.locale, stub.status.as_str()),
        (None, None, None, "active")
    );
    receive_all(world, &story[..1]);
    world.process();
    let known = find_customer(world, &story[0]).unwrap();
    assert_eq!(
        (known.id, known.name.as_deref()),
        (stub.id, Some("Canary Person"))
    );
}

fn an_unreadable_body_is_stored_and_fails_and_can_be_replayed(world: &mut World) {
    let body = b"{\"id\": \"evt_cut\", \"object\": \"ev".to_vec();
    assert_eq!(receive_all(world, &[&body]), [Intake::New]);
    assert_eq!(receive_all(world, &[&body]), [Intake::Duplicate]);
    assert_eq!(world.process().failed, 1);
    let failed = events_in(world, "failed").remove(0);
    assert_eq!(
        (failed.provider_event_id, failed.kind, failed.attempts),
        (None, None, 1)
    );
    assert!(failed.error.unwrap().starts_with("body: "));
    assert_eq!(stored(world, &body).body, body);
    // A replay reads it again: with a newer program it might be readable.
    assert_eq!(
        replay_events::replay(&world.app, &Which::These(vec![failed.id.clone()])).unwrap(),
        1
    );
    assert_eq!(world.process().failed, 1);
    assert_eq!(events_in(world, "failed").remove(0).attempts, 2);
    let unknown = Which::These(vec![failed.id, "evt_never".to_owned()]);
    assert!(
        matches!(replay_events::replay(&world.app, &unknown), Err(ReplayError::NotFound(id)) if id == "evt_never")
    );
    assert_eq!(
        world.process().total(),
        0,
        "nothing is replayed when one is unknown"
    );
}

fn an_event_that_cannot_be_applied_falls_out_alone(world: &mut World) {
    let story = story();
    let too_much = marked(&story[4], "much")
        .replace("\"amount\": 9900", "\"amount\": 24901")
        .replace("_much", "_");
    let too_much = too_much
        .replacen("\"evt_", "\"evt_much", 1)
        .replacen("\"re_", "\"re_much", 1);
    let mut batch = story.clone();
    batch.insert(0, too_much);
    receive_all(world, &batch);
    let done = world.process();
    assert_eq!((done.processed, done.failed), (5, 1));
    let why = events_in(world, "failed").remove(0).error.unwrap();
    assert!(
        why.contains("cannot be applied") && why.contains("exceed the charge of 249.00"),
        "{why}"
    );
    // The others went one by one, so the charge was booked before its invoice came.
    let kinds = journal_kinds(world, &story);
    assert_eq!(
        kinds,
        [
            "charge_succeeded",
            "charge_reclassified",
            "refund_decided",
            "refund_succeeded"
        ]
    );
    check_ledger(world);
}

fn an_event_that_was_processed_does_nothing_when_replayed(world: &mut World) {
    let story = story();
    receive_all(world, &story);
    world.process();
    let before = outcome(world, &story, "");
    assert_eq!(
        replay_events::replay(&world.app, &Which::All).unwrap(),
        story.len()
    );
    assert_eq!(world.process().processed, story.len());
    assert_eq!(outcome(world, &story, ""), before);
    assert_eq!(journal_kinds(world, &story), BOOKED);
    assert!(
        events_in(world, "processed")
            .iter()
            .all(|event| event.attempts == 2)
    );
}

fn two_processes_at_once_process_each_event_once(world: &mut World) {
    let story = story();
    receive_all(world, &story);
    world.process();
    let alone = balances_of(world, &story);
    let other = world.another_process(Seams::default());
    let told = |round: usize| (0..20).map(move |n| format!("zz{round}x{n}zz"));
    for round in 0..5 {
        let events: Vec<String> = told(round)
            .flat_map(|mark| {
                story
                    .iter()
                    .map(move |event| marked(event, &mark))
                    .collect::<Vec<_>>()
            })
            .collect();
        receive_all(world, &events);
        let barrier = std::sync::Barrier::new(2);
        let drain = |app: &avstem::app::App| {
            barrier.wait();
            process_events::drain(app).unwrap().processed
        };
        let (here, there) = std::thread::scope(|scope| {
            let there = scope.spawn(|| drain(&other));
            (drain(&world.app), there.join().unwrap())
        });
        assert_eq!(here + there, events.len(), "{here} and {there}");
        for mark in told(round) {
            let marked: Vec<String> = story.iter().map(|event| marked(event, &mark)).collect();
            // Each may have claimed a part of one story: a charge is then booked before its invoice is known.
            let mut kinds = journal_kinds(world, &marked);
            kinds.retain(|kind| kind != "charge_reclassified");
            assert_eq!(kinds, BOOKED);
            assert_eq!(balances_of(world, &marked), alone, "{mark}");
        }
    }
    check_ledger(world);
}

fn processing_that_stops_anywhere_goes_on_to_the_same_books(world: &mut World) {
    let story = story();
    let mut expected = None;
    for stop_at in 0.. {
        let mark = format!("zz{stop_at}zz");
        let told: Vec<String> = story.iter().map(|event| marked(event, &mark)).collect();
        // The refund comes first and is parked, so that there are several transactions to stop between.
        receive_all(world, &told[4..]);
        receive_all(world, &told[..4]);
        let app = world.another_process(Seams::scripted(Some(stop_at)));
        let stopped = work(&app, world, 0);
        let crossed = app.seams.crossed().len();
        if stopped.is_err() {
            assert!(matches!(stopped, Err(Failure::Stopped(_))), "{stopped:?}");
            assert_eq!(crossed, stop_at + 1);
            world.work(0).unwrap();
        }
        let books = (outcome(world, &told, &mark), journal_kinds(world, &told));
        assert_eq!(
            *expected.get_or_insert(books.clone()),
            books,
            "stopped at seam {stop_at}"
        );
        if stopped.is_ok() {
            assert!(stop_at >= 2, "there are seams before and after a batch");
            break;
        }
    }
    check_ledger(world);
}

fn secrets_in_headers_are_not_stored(world: &mut World) {
    let body = story().remove(0);
    let mut delivery = signed(world, body.as_bytes());
    let secrets = [
        "authorization",
        "cookie",
        "proxy-authorization",
        "x-api-key",
        "x-forwarded-authorization",
    ];
    for name in secrets {
        delivery
            .headers
            .push((name.to_owned(), "CANARY-header-secret".to_owned()));
    }
    delivery
        .headers
        .push(("user-agent".to_owned(), "Stripe/1.0".to_owned()));
    world.receive(&delivery);
    let headers = stored(world, body.as_bytes()).headers;
    assert!(!headers.contains("CANARY"), "{headers}");
    assert!(
        headers.contains("stripe-signature") && headers.contains("Stripe/1.0"),
        "{headers}"
    );
}

fn the_intake_answers_each_sender_once_its_event_is_stored(world: &mut World) {
    let story = story();
    let intake = avstem::app::group_commit::GroupCommit::start(std::sync::Arc::clone(&world.app));
    let admit = |body: &String| {
        let headers = signed(world, body.as_bytes()).headers;
        receive_webhook::admit(&world.app, "stripe", &headers, body.clone().into_bytes()).unwrap()
    };
    let waiting: Vec<_> = story
        .iter()
        .chain(&story)
        .map(|body| intake.enqueue(intake.place(body.len()).unwrap(), admit(body)))
        .collect();
    let answers: Vec<Intake> = waiting
        .into_iter()
        .map(|answer| answer.blocking_recv().unwrap().unwrap())
        .collect();
    // Two threads store: of an event that came twice at once, either may be the one that was here first.
    let mut pairs = answers[..5].iter().zip(&answers[5..]);
    assert!(pairs.all(|(one, other)| one != other), "{answers:?}");
    let stored = events_in(world, "received").len();
    assert_eq!(stored, 5, "what was answered is stored");
}

on_both_databases! {
    an_event_that_comes_twice_is_stored_once,
    duplicates_in_one_commit_are_told_apart,
    another_body_under_the_same_id_is_a_conflict_and_the_first_is_kept,
    types_without_meaning_are_stored_and_ignored,
    another_mode_or_account_has_no_effect,
    a_customer_that_nobody_introduced_becomes_a_stub,
    an_unreadable_body_is_stored_and_fails_and_can_be_replayed,
    an_event_that_cannot_be_applied_falls_out_alone,
    an_event_that_was_processed_does_nothing_when_replayed,
    two_processes_at_once_process_each_event_once,
    processing_that_stops_anywhere_goes_on_to_the_same_books,
    secrets_in_headers_are_not_stored,
    the_intake_answers_each_sender_once_its_event_is_stored,
}

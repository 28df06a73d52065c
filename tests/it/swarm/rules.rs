//! The promises: some after every deed, all of them when everything is at rest.

use super::deeds::deliver_all;
use super::rest::come_to_rest;
use super::run::Run;
use crate::rebuild;
use crate::saga::{assert_a_second_telling_changes_nothing, is};
use crate::world::World;
use avstem::app::cancellation::{self, CancellationView};
use avstem::app::refunds::{self, Filter};
use avstem::store::StoreError;
use avstem::store::rows::Refund;
use avstem_simulator::{ChargeView, MovementKind, RefundView, SeenRequest};
use avstem_webhooks::outbound::Method;
use std::collections::{BTreeMap, BTreeSet};

/// No key is sent again when the provider may have forgotten it, which it does after a day.
const KEY_AGE_MAX_US: i64 = 21 * 3_600 * 1_000_000;
const LEDGER_EVERY: usize = 10;
const MANY: i64 = 10_000;
/// Within a second nobody can tell what was first.
const SECOND_US: i64 = 1_000_000;

pub fn after_every_deed(run: &mut Run) {
    let rows = refund_rows(&run.world);
    no_request_without_its_record(run, &rows);
    one_refund_for_each_operation(&run.world, &rows);
    what_has_ended_stays_ended(run, &rows);
    if run.seen.deeds.is_multiple_of(LEDGER_EVERY) && !run.world.is_postgres() {
        the_ledger_only_grows(run);
    }
}

fn refund_rows(world: &World) -> BTreeMap<String, Refund> {
    let all = refunds::list(&world.app, &Filter::default(), MANY).unwrap();
    all.rows
        .into_iter()
        .map(|view| (view.row.id.clone(), view.row))
        .collect()
}

/// Key and bytes are on disk before the call, the same for life, and not sent again when too old.
fn no_request_without_its_record(run: &mut Run, rows: &BTreeMap<String, Refund>) {
    let provider = run.world.provider();
    let new: Vec<SeenRequest> = provider.requests_seen()[run.seen.requests..]
        .iter()
        .filter(|request| is(request, Method::Post, "/v1/refunds"))
        .cloned()
        .collect();
    run.seen.requests = provider.requests_seen().len();
    drop(provider);
    for request in new {
        let named = |row: &&Refund| String::from_utf8_lossy(&request.body).contains(&row.id);
        let row = rows.values().find(named).expect("it has its record");
        assert_eq!(request.idempotency_key, row.idempotency_key, "{row:?}");
        assert_eq!(Some(&request.body), row.request_body.as_ref(), "{row:?}");
        let first = row.first_sent_at.unwrap_or_else(|| request.at.as_micros());
        let age = request.at.as_micros() - first;
        assert!((0..=KEY_AGE_MAX_US).contains(&age), "{age} {row:?}");
    }
}

/// Of one operation the provider makes one refund; of one cancellation's charge, or one caller's key, one
/// that stands.
fn one_refund_for_each_operation(world: &World, rows: &BTreeMap<String, Refund>) {
    let mut operations = BTreeSet::new();
    let mut intents = BTreeSet::new();
    for refund in all_refunds(world) {
        let Some(ours) = refund.metadata.get("avstem_refund") else {
            continue;
        };
        assert!(operations.insert(ours.clone()), "two of one: {refund:?}");
        let row = &rows[ours];
        let intent = row.cancellation_id.as_ref().or(row.request_ref.as_ref());
        if let (Some(intent), true) = (intent, stands(&refund)) {
            let once = intents.insert((intent.clone(), refund.charge.clone()));
            assert!(once, "two for one wish: {refund:?}");
        }
    }
}

fn all_refunds(world: &World) -> Vec<RefundView> {
    let provider = world.provider();
    charges(world, &provider)
        .iter()
        .flat_map(|charge| provider.refunds_of(charge))
        .collect()
}

/// Every charge that took money.
fn charges(_: &World, provider: &avstem_simulator::Simulator) -> Vec<String> {
    let moved = provider.money_moved().iter();
    moved
        .filter(|movement| movement.kind == MovementKind::Charge)
        .map(|movement| movement.id.clone())
        .collect()
}

fn stands(refund: &RefundView) -> bool {
    !matches!(refund.status, "failed" | "canceled")
}

fn what_has_ended_stays_ended(run: &mut Run, rows: &BTreeMap<String, Refund>) {
    for (id, row) in rows {
        let before = run.seen.refunds.insert(id.clone(), row.state.clone());
        let may_be = match before.as_deref() {
            Some("succeeded") => matches!(row.state.as_str(), "succeeded" | "failed"),
            Some(ended @ ("failed" | "canceled")) => row.state == ended,
            Some(_) | None => true,
        };
        assert!(may_be, "{before:?} became {row:?}");
    }
}

/// What was in the ledger is in it as it was.
fn the_ledger_only_grows(run: &mut Run) {
    let now = run
        .world
        .contents(&["journals", "postings", "effects", "seals"]);
    let kept: BTreeSet<&String> = now.iter().collect();
    let gone = run.seen.journals.iter().find(|row| !kept.contains(row));
    assert_eq!(gone, None, "the ledger lost a row");
    run.seen.journals = now;
}

pub fn at_rest(run: &mut Run) {
    after_every_deed(run);
    nothing_acknowledged_is_lost(run);
    everything_is_the_providers(&run.world);
    every_cancellation_is_fair(run);
    run.world.check_ledger();
    the_books_can_be_made_again(&run.world);
    the_ledger_only_grows(run);
    assert_a_second_telling_changes_nothing(&run.world);
    // What is charged from now on is no right of anybody who asked to stop.
    deliver_all(run);
    run.world.pass_days(40);
    come_to_rest(run);
    every_cancellation_is_fair(run);
    run.world.check_ledger();
    the_books_can_be_made_again(&run.world);
}

/// From what was told. Whether a stop was ours or somebody else's depends on when it was told too, where
/// several were asked for at once.
fn the_books_can_be_made_again(world: &World) {
    let (_, told) = rebuild::check(world);
    let differs = |line: &String| !line.starts_with("cancellations");
    let found: Vec<String> = rebuild::lines(&told).into_iter().filter(differs).collect();
    assert_eq!(found, [""; 0]);
}

fn nothing_acknowledged_is_lost(run: &Run) {
    let stored: BTreeSet<String> = run
        .world
        .lines("SELECT provider_event_id AS line FROM events")
        .into_iter()
        .collect();
    let acknowledged = run.mailroom.acknowledged.lock().unwrap();
    let lost: Vec<&String> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "{lost:?}");
    let waiting = run.world.lines(
        "SELECT state || ' ' || coalesce(kind, '') || ' ' || coalesce(error, '') AS line FROM events
         WHERE state NOT IN ('processed', 'ignored')",
    );
    assert_eq!(waiting, [""; 0]);
}

/// Subscriptions, charges, refunds, disputes and payouts stand as they do at the provider.
fn everything_is_the_providers(world: &World) {
    let told = |sql: &str| -> BTreeSet<String> { world.lines(sql).into_iter().collect() };
    let provider = world.provider();
    let subscriptions: BTreeSet<String> = provider
        .subscriptions()
        .iter()
        .map(|found| format!("{} {}", found.id, found.status.replace("incomplete_", "")))
        .collect();
    let ours = "SELECT provider_id || ' ' || status AS line FROM subscriptions";
    assert_same(&told(ours), &subscriptions);
    let charges = charges(world, &provider);
    let mut money = BTreeSet::new();
    let mut refunds = BTreeSet::new();
    let mut disputes = BTreeSet::new();
    for id in &charges {
        let charge = provider.charge_view(id).unwrap();
        money.insert(format!("{id} {}", charge.amount_minor));
        for refund in provider.refunds_of(id) {
            let state = match refund.status {
                "pending" | "requires_action" => "submitted",
                other => other,
            };
            refunds.insert(format!("{} {} {state}", refund.id, refund.amount_minor));
        }
        for dispute in provider.disputes_of(id) {
            disputes.insert(format!("{} {}", dispute.id, dispute.status));
        }
    }
    let payouts: BTreeSet<String> = provider
        .payouts()
        .iter()
        .map(|payout| format!("{} {}", payout.id, payout.status))
        .collect();
    drop(provider);
    let ours =
        "SELECT provider_id || ' ' || amount AS line FROM charges WHERE status = 'succeeded'";
    assert_same(&told(ours), &money);
    let ours = "SELECT provider_id || ' ' || amount || ' ' || state AS line FROM refunds
                WHERE provider_id IS NOT NULL";
    assert_same(&told(ours), &refunds);
    assert_same(
        &told("SELECT provider_id || ' ' || status AS line FROM disputes"),
        &disputes,
    );
    assert_same(
        &told("SELECT provider_id || ' ' || status AS line FROM payouts"),
        &payouts,
    );
    let lost = told("SELECT id AS line FROM refunds WHERE state = 'unknown' AND attention IS NULL");
    assert_same(&lost, &BTreeSet::new());
}

fn assert_same(ours: &BTreeSet<String>, theirs: &BTreeSet<String>) {
    let only_ours: Vec<&String> = ours.difference(theirs).collect();
    let only_theirs: Vec<&String> = theirs.difference(ours).collect();
    assert!(
        only_ours.is_empty() && only_theirs.is_empty(),
        "ours {only_ours:?}, the provider's {only_theirs:?}"
    );
}

fn every_cancellation_is_fair(run: &Run) {
    let all = cancellation::list(&run.world.app, None, None, MANY).unwrap();
    for view in all {
        if view.row.origin == "avstem" && view.row.state != "undone" {
            Fair::of(&run.world, view).check(&run.world);
        }
    }
}

/// One cancellation of a customer's, and what the provider says of its subscription.
struct Fair {
    view: CancellationView,
    why: String,
    /// That took money, with when it was paid and the end of the period it is for; recurring ones.
    charges: Vec<(ChargeView, i64, i64)>,
}

impl Fair {
    fn of(world: &World, view: CancellationView) -> Self {
        let why = [&view.row.attention, &view.row.trouble]
            .map(|why| why.clone().unwrap_or_default())
            .concat();
        let subscription = &view.subscription.provider_id;
        let provider = world.provider();
        let invoices = provider.invoices_of(subscription);
        let paid: BTreeMap<String, i64> = provider
            .money_moved()
            .iter()
            .filter(|movement| movement.kind == MovementKind::Charge)
            .map(|movement| (movement.id.clone(), movement.at.as_micros()))
            .collect();
        let all = provider.charges_of(subscription);
        drop(provider);
        let ids: Vec<String> = invoices.iter().map(|invoice| invoice.id.clone()).collect();
        let ends: BTreeMap<String, i64> = world
            .app
            .store
            .read::<_, StoreError>(|tx| tx.invoices_by_provider_ids("stripe", &ids))
            .unwrap()
            .into_iter()
            .filter_map(|row| Some((row.provider_id, row.period_end?)))
            .collect();
        let recurring = |id: &String| {
            let invoice = invoices.iter().find(|invoice| &invoice.id == id);
            matches!(
                invoice.unwrap().billing_reason,
                "subscription_create" | "subscription_cycle"
            )
        };
        let charges = all
            .into_iter()
            .filter(|charge| charge.status == "succeeded" && charge.amount_minor > 0)
            .filter(|charge| charge.invoice.as_ref().is_some_and(recurring))
            .map(|charge| {
                let end = ends[charge.invoice.as_ref().unwrap()];
                let paid_at = paid[&charge.id];
                (charge, paid_at, end)
            })
            .collect();
        Self { view, why, charges }
    }

    fn check(&self, world: &World) {
        let row = &self.view.row;
        match row.state.as_str() {
            "completed" => assert_eq!(self.why, "", "{row:?}"),
            "attention" => assert_ne!(self.why, "", "{row:?}"),
            _ => panic!("not at rest: {row:?} {:?}", self.view.refunds),
        }
        let id = &self.view.subscription.provider_id;
        let found = world.provider().subscription_view(id).unwrap();
        let over = matches!(found.status, "canceled" | "incomplete_expired");
        let stops = over || found.cancel_at_period_end || found.cancel_at.is_some();
        assert!(stops || row.state == "attention", "{row:?} {found:?}");
        for refund in &self.view.refunds {
            self.check_refund(refund);
        }
        for (charge, paid_at, _) in &self.charges {
            if *paid_at > row.judged_at + SECOND_US {
                self.check_late(world, charge);
            }
        }
    }

    /// Of the latest charge as of the request, or of one that was taken after it.
    fn check_refund(&self, refund: &Refund) {
        let verdict = self.verdict_of(|v| v.charge_id == refund.charge_id);
        let of = |(charge, ..): &&(ChargeView, i64, i64)| charge.id == verdict.charge_provider_id;
        let (charge, paid_at, end) = self.charges.iter().find(of).expect("it is recurring");
        let judged_at = self.view.row.judged_at;
        let newer = self.charges.iter().find(|(other, paid, ends)| {
            *paid < judged_at - SECOND_US && ends > end && other.invoice != charge.invoice
        });
        let late = *paid_at >= judged_at - SECOND_US;
        assert!(
            late || newer.is_none(),
            "{charge:?} is older than {newer:?}"
        );
    }

    /// It went back, or a person is told why not.
    fn check_late(&self, world: &World, charge: &ChargeView) {
        let provider = world.provider();
        let refunded: i64 = provider
            .refunds_of(&charge.id)
            .iter()
            .filter(|refund| stands(refund))
            .map(|refund| refund.amount_minor)
            .sum();
        let held: i64 = provider
            .disputes_of(&charge.id)
            .iter()
            .filter(|dispute| !dispute.is_charge_refundable)
            .map(|dispute| dispute.amount_minor)
            .sum();
        drop(provider);
        let back = refunded + held >= charge.amount_minor;
        let disputed = self.verdict_of(|v| v.charge_provider_id == charge.id).code == "disputed";
        let told = self.view.row.state == "attention";
        let row = &self.view.row;
        assert!(back || disputed || told, "kept: {charge:?} {row:?}");
    }

    fn verdict_of(
        &self,
        is: impl Fn(&avstem::store::rows::Verdict) -> bool,
    ) -> &avstem::store::rows::Verdict {
        let found = self.view.verdicts.iter().find(|verdict| is(verdict));
        found.unwrap_or_else(|| panic!("no verdict: {:?}", self.view))
    }
}

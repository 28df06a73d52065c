//! The projections made once more from what was told: the same as the ones there are, and every
//! difference that somebody planted is found.

mod columns;
mod command;
pub mod eventful;
mod planted;
mod unprotected;

use crate::store_schema::existing;
use crate::world::World;
use avstem::app::progress::Progress;
use avstem::app::rebuild::finding::Finding;
use avstem::app::rebuild::tables::{TABLES, Table};
use avstem::app::rebuild::{self, Checked, Part, Watch};
use avstem::app::replay_events::{Which, replay};
use avstem::app::seams::Seams;
use avstem_domain::refund_policy::Policy;
use eventful::eventful;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Keeps what a check tells.
#[derive(Default)]
pub struct Told {
    pub findings: Vec<Finding>,
    pub progress: Vec<(Part, Progress)>,
}

impl Watch for Told {
    fn found(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn progress(&mut self, part: Part, progress: Progress) {
        self.progress.push((part, progress));
    }
}

pub fn check(world: &World) -> (Checked, Told) {
    let mut told = Told::default();
    let checked = rebuild::check(&world.app, &mut told).unwrap();
    assert_eq!(
        checked.findings,
        u64::try_from(told.findings.len()).unwrap()
    );
    (checked, told)
}

/// What a check finds, in the words of its report.
pub fn lines(told: &Told) -> Vec<String> {
    told.findings.iter().map(ToString::to_string).collect()
}

/// What a rebuild makes is what there is.
#[track_caller]
pub fn assert_rebuilt(world: &World) {
    let (_, told) = check(world);
    assert!(told.findings.is_empty(), "\n{}", lines(&told).join("\n"));
}

fn count(world: &World, from: &str) -> u64 {
    let count = world.lines(&format!(
        "SELECT CAST(count(*) AS text) AS line FROM {from}"
    ));
    count[0].parse().unwrap()
}

fn everything_that_was_told_makes_what_there_is(world: &mut World) {
    eventful(world);
    let (checked, told) = check(world);
    assert_eq!(lines(&told), Vec::<String>::new());
    for (table, role) in TABLES {
        if let Table::Rebuilt(_) = role {
            assert!(count(world, table) > 0, "the story has no {table}");
        }
    }
    let applied = count(world, "events WHERE processed_at IS NOT NULL");
    assert_eq!(
        (checked.events, checked.answers),
        (applied, count(world, "answers"))
    );
    let progress = |part| told.progress.iter().rfind(|(of, _)| *of == part);
    let all = Progress {
        done: applied,
        total: Some(applied),
    };
    assert_eq!(
        progress(Part::Replaying),
        Some(&(Part::Replaying, all)),
        "every event is told of"
    );
    let rows = Progress {
        done: checked.rows,
        total: None,
    };
    assert_eq!(progress(Part::Comparing), Some(&(Part::Comparing, rows)));
}

/// A database without any history is one, too.
fn nothing_makes_nothing(world: &mut World) {
    let (checked, told) = check(world);
    assert_eq!((checked, lines(&told)), (Checked::default(), Vec::new()));
}

/// The service goes on while it is looked at: what comes meanwhile is in none of the two.
struct Busy<'w> {
    world: &'w World,
    told: Told,
    subscription: Option<String>,
    at: Vec<Part>,
}

impl Watch for Busy<'_> {
    fn found(&mut self, finding: Finding) {
        self.told.found(finding);
    }

    fn progress(&mut self, part: Part, progress: Progress) {
        self.told.progress(part, progress);
        if self.at.last() == Some(&part) {
            return;
        }
        self.at.push(part);
        let (_, subscription) = self.world.subscribe();
        self.world.pass_days(35);
        self.world.deliver();
        if let Some(canceled) = self.subscription.replace(subscription) {
            self.world.cancel(&canceled);
            self.world.work(2).unwrap();
            self.world.deliver();
        }
    }
}

fn a_service_may_go_on_beside_it(world: &mut World) {
    let (_, first) = world.subscribe();
    world.pass_days(35);
    world.deliver();
    let before = (count(world, "charges"), count(world, "answers"));
    let mut busy = Busy {
        world,
        told: Told::default(),
        subscription: Some(first),
        at: Vec::new(),
    };
    let checked = rebuild::check(&world.app, &mut busy).unwrap();
    assert_eq!(lines(&busy.told), Vec::<String>::new());
    assert_eq!(busy.at, [Part::Replaying, Part::Comparing]);
    assert_eq!(checked.answers, before.1, "those of the beginning");
    assert!(count(world, "charges") > before.0 && count(world, "answers") > before.1);
    assert_rebuilt(world);
}

fn what_is_being_processed_again_was_told_all_the_same(world: &mut World) {
    eventful(world);
    replay(&world.app, &Which::All).unwrap();
    assert!(count(world, "events WHERE state = 'received'") > 0);
    assert_rebuilt(world);
    world.process();
    assert_rebuilt(world);
}

/// Deliveries that are taken in the other way round make the same.
fn the_order_of_the_deliveries_does_not_matter(world: &mut World) {
    let (customer, subscription) = world.subscribe();
    for _ in 0..3 {
        world.pass_days(20);
        world.deliver();
        let charge = world.latest_charge(&subscription);
        world.provider().dashboard_refund(&charge, Some(2_000));
        world.provider().one_off_charge(&customer, 5_000);
        world.pass_days(2);
        world.deliver();
    }
    let charge = world.latest_charge(&subscription);
    let dispute = world.provider().open_dispute(&charge).unwrap();
    world.pass_days(1);
    assert!(world.provider().lose_dispute(&dispute));
    world.provider().pay_out().unwrap();
    world.pass_days(5);
    world.provider().dashboard_cancel(&subscription);
    world.deliver();
    assert_rebuilt(world);
    let times = "SELECT CAST(count(DISTINCT processed_at) AS text) AS line FROM events";
    assert!(world.lines(times)[0].parse::<u64>().unwrap() > 6);
    let newest = "(SELECT max(processed_at) FROM events)";
    for order in [
        // The newest first.
        format!("{newest} + {newest} - processed_at"),
        // As good as at random.
        "(processed_at / 1000000 * 7919) % 104729".to_owned(),
    ] {
        world
            .execute(&format!("UPDATE events SET processed_at = {order}"))
            .unwrap();
        assert_rebuilt(world);
    }
}

/// What a version of the policy said is compared with what the same version says.
fn another_version_of_the_policy_makes_no_difference(world: &mut World) {
    eventful(world);
    let judged = "refunds WHERE policy_conform = FALSE AND code = 'latest_charge_partly_delivered'";
    assert_eq!(count(world, judged), 1, "one is against the policy");
    let reference = include_str!("../../policies/reference.toml");
    let other = reference.replace("undelivered_share\"", "full\"");
    let found = |policy: &str| {
        let mut app = Arc::into_inner(world.another_process(Seams::default())).unwrap();
        app.policy = Policy::parse(policy).unwrap();
        let mut told = Told::default();
        rebuild::check(&app, &mut told).unwrap();
        lines(&told)
    };
    assert_eq!(found(reference), Vec::<String>::new());
    let same_name = found(&other);
    assert!(
        same_name.len() == 2 && same_name[0].contains("policy_conform is \"false\""),
        "{same_name:?}"
    );
    let renamed = other.replace("reference-2025-10-02", "reference-2026-11-26");
    assert_eq!(found(&renamed), Vec::<String>::new());
}

fn nobodys_name_is_kept_with_what_an_answer_told(world: &mut World) {
    eventful(world);
    let told = world.lines("SELECT told AS line FROM answers");
    assert!(told.len() > 5, "{}", told.len());
    for text in told {
        let lower = text.to_lowercase();
        assert!(
            !lower.contains("canary") && !lower.contains("example.test"),
            "{text}"
        );
    }
}

/// A table or a column that nobody thought of is in no list, and this fails.
fn every_table_and_every_column_has_its_place(world: &mut World) {
    let existing = existing(world);
    let named: BTreeSet<&str> = TABLES.iter().map(|(table, _)| *table).collect();
    let tables: BTreeSet<&str> = existing.keys().map(String::as_str).collect();
    assert_eq!(named, tables);
    for (table, role) in TABLES {
        let Table::Rebuilt(columns) = role else {
            continue;
        };
        let named: BTreeMap<&str, usize> =
            columns.iter().fold(BTreeMap::new(), |mut all, (name, _)| {
                *all.entry(*name).or_default() += 1;
                all
            });
        let columns: BTreeMap<&str, usize> = existing[*table]
            .iter()
            .map(|column| (column.split(' ').next().unwrap(), 1))
            .collect();
        assert_eq!(named, columns, "{table}");
    }
}

on_both_databases! {
    everything_that_was_told_makes_what_there_is,
    nothing_makes_nothing,
    a_service_may_go_on_beside_it,
    what_is_being_processed_again_was_told_all_the_same,
    the_order_of_the_deliveries_does_not_matter,
    another_version_of_the_policy_makes_no_difference,
    nobodys_name_is_kept_with_what_an_answer_told,
    every_table_and_every_column_has_its_place,
}

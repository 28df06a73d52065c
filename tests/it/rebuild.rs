//! The projections made once more from what was told: the same as the ones there are, and every
//! difference that somebody planted is found.

use crate::world::World;
use avstem::app::progress::Progress;
use avstem::app::rebuild::finding::Finding;
use avstem::app::rebuild::{self, Checked, Part, Watch};

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
    assert_eq!(checked.findings, told.findings.len() as u64);
    (checked, told)
}

/// What a rebuild makes is what there is.
#[track_caller]
pub fn assert_rebuilt(world: &World) {
    let (_, told) = check(world);
    let lines: Vec<String> = told.findings.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
}

fn a_cancellation_with_its_refund_is_rebuilt(world: &mut World) {
    let (_, subscription) = world.subscribe();
    world.pass_days(35);
    world.deliver();
    let cancellation = world.cancel(&subscription);
    world.work(2).unwrap();
    world.deliver();
    assert_eq!(world.view(&cancellation).row.state, "completed");
    let (checked, told) = check(world);
    assert_eq!(told.findings, []);
    println!("{checked:?} {:?}", told.progress.last());
}

on_both_databases! {
    a_cancellation_with_its_refund_is_rebuilt,
}

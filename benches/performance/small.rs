//! How little the service needs: memory while it does nothing, and time to start. The size of the program is told by
//! `scripts/bench`: built with the benches it is larger, for they ask more of the crates that both use.

use crate::figure;
use crate::footprint;
use crate::measure::{Table, grouped};
use crate::program::{self, Program};
use crate::stage::databases;
use std::time::Duration;

const STARTS: usize = 5;
/// After the start, until memory is looked at.
const IDLE: Duration = Duration::from_secs(5);

pub fn run() {
    let mut table = Table::new("Small", &["what", "ready after ms", "idle KiB"]);
    for database in databases() {
        let place = database.place();
        program::run(&place, &["migrate"]);
        let mut starts: Vec<Duration> = (0..STARTS)
            .map(|_| {
                let program = Program::start(&place);
                let ready_after = program.ready_after;
                program.stop();
                ready_after
            })
            .collect();
        starts.sort();
        let program = Program::start(&place);
        std::thread::sleep(IDLE);
        let idle = footprint::now_kib(program.id());
        program.stop();
        let ready_ms = starts[STARTS / 2].as_millis();
        table.row(&[
            database.name(),
            &ready_ms.to_string(),
            &grouped(idle.into()),
        ]);
        figure::print(&format!("{}_ready", database.key()), ready_ms, "ms");
        figure::print(&format!("{}_idle", database.key()), idle.into(), "KiB");
    }
    table.print();
}

//! How fast it is: `cargo bench`, or a part of it, such as `cargo bench --bench performance -- intake`.
//!
//! One program, so that it is linked once. Each part prints one table whose shares were measured in the
//! same run; docs/performance.md says what came out. `send` and `check` are for a service that runs already.
#![cfg(test)]

mod acknowledged;
mod appended;
mod arguments;
mod backlog;
mod bare;
mod by_hand;
mod cancellation;
mod checker;
mod client;
mod cpu;
mod decode;
mod deliveries;
mod figure;
mod footprint;
mod fresh;
mod generator;
mod growth;
mod intake;
mod large;
mod ledger;
mod lifecycles;
mod load;
mod measure;
mod memory;
mod outside;
mod overload;
mod process;
mod program;
mod quota;
mod rebuild;
mod replicas;
mod scene;
mod sender;
mod small;
mod spilled;
mod stage;
mod subscribers;
mod together;
mod visitors;
mod wire;

use arguments::Arguments;

type Part = (&'static str, fn(&Arguments));

const PARTS: [Part; 11] = [
    ("decode", |_| decode::run()),
    ("intake", |_| intake::run()),
    ("backlog", |_| backlog::run()),
    ("cancellation", |_| cancellation::run()),
    ("small", |_| small::run()),
    ("together", together::run),
    ("overload", overload::run),
    ("replicas", |_| replicas::run()),
    ("ledger", ledger::run),
    ("rebuild", rebuild::run),
    ("growth", growth::run),
];

/// Only when they are named.
const BY_HAND: [Part; 2] = [("send", by_hand::send), ("check", by_hand::check_by_hand)];

fn main() {
    let arguments = Arguments::read();
    let known = || PARTS.iter().chain(&BY_HAND);
    for name in &arguments.parts {
        assert!(
            known().any(|(part, _)| part == name),
            "there is no part {name}; there are {:?}",
            known().map(|(part, _)| *part).collect::<Vec<_>>()
        );
    }
    if arguments.parts.is_empty() {
        PARTS.iter().for_each(|(_, run)| run(&arguments));
    }
    for (part, run) in known() {
        if arguments.parts.iter().any(|name| name == part) {
            run(&arguments);
        }
    }
}

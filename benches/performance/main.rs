//! How fast it is: `cargo bench`, or a part of it, such as `cargo bench -- intake`.
//!
//! One program, so that it is linked once. Each part prints one table whose shares were measured in the
//! same run; docs/performance.md says what came out.
#![cfg(test)]

mod backlog;
mod cancellation;
mod cpu;
mod decode;
mod deliveries;
mod growth;
mod intake;
mod large;
mod ledger;
mod load;
mod measure;
mod process;
mod stage;
mod subscribers;

const PARTS: [(&str, fn()); 6] = [
    ("decode", decode::run),
    ("intake", intake::run),
    ("backlog", backlog::run),
    ("cancellation", cancellation::run),
    ("ledger", ledger::run),
    ("growth", growth::run),
];

fn main() {
    // Cargo itself passes `--bench`.
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    for name in &wanted {
        assert!(
            PARTS.iter().any(|(part, _)| part == name),
            "there is no part {name}; there are {:?}",
            PARTS.map(|(part, _)| part)
        );
    }
    for (part, run) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|name| name == part) {
            run();
        }
    }
}

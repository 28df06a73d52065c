//! What scripts/bench reads: one line for each figure that the project promises something about.

/// Prints `FIGURE name value unit`; the name is that of the row in scripts/bench.
pub fn print(name: &str, value: u128, unit: &str) {
    println!("FIGURE {name} {value} {unit}");
}

/// A share in tenths of a per cent, as `52.3`.
pub fn print_share(name: &str, part: u128, whole: u128) {
    let tenths = part * 1_000 / whole.max(1);
    println!("FIGURE {name} {}.{} %", tenths / 10, tenths % 10);
}
